from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Image(_message.Message):
    __slots__ = ["image_binary", "mime_type"]
    IMAGE_BINARY_FIELD_NUMBER: _ClassVar[int]
    MIME_TYPE_FIELD_NUMBER: _ClassVar[int]
    image_binary: bytes
    mime_type: str
    def __init__(self, mime_type: _Optional[str] = ..., image_binary: _Optional[bytes] = ...) -> None: ...

class ImageTag(_message.Message):
    __slots__ = ["image", "score", "tag"]
    IMAGE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    image: int
    score: float
    tag: str
    def __init__(self, image: _Optional[int] = ..., tag: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class ImageTagSet(_message.Message):
    __slots__ = ["ImageTags"]
    IMAGETAGS_FIELD_NUMBER: _ClassVar[int]
    ImageTags: _containers.RepeatedCompositeFieldContainer[ImageTag]
    def __init__(self, ImageTags: _Optional[_Iterable[_Union[ImageTag, _Mapping]]] = ...) -> None: ...
