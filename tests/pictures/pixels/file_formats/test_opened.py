from __future__ import annotations

import io

import PIL.Image
from hypothesis import given
from hypothesis import strategies as st

from imagemood.pictures.pixels.file_formats.opened import LazyImage, PartedFile

operations = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.integers(-1, 40)),
        st.tuples(st.just("seek"), st.integers(0, 60), st.just(io.SEEK_SET)),
        st.tuples(st.just("seek"), st.integers(0, 20), st.just(io.SEEK_CUR)),
        st.tuples(st.just("seek"), st.integers(-3, 3), st.just(io.SEEK_END)),
        st.tuples(st.just("tell")),
    )
)


@given(st.lists(st.binary(max_size=15), min_size=1), operations)
def test_a_file_of_parts_behaves_as_one_file(parts, steps):
    file, expected = PartedFile(*map(memoryview, parts)), io.BytesIO(b"".join(parts))
    for name, *arguments in steps:
        if name == "seek" and arguments[1] == io.SEEK_END and arguments[0] + len(expected.getvalue()) < 0:
            continue
        assert getattr(file, name)(*arguments) == getattr(expected, name)(*arguments)


def test_a_lazy_image_is_opened_when_it_is_decoded():
    opened = []

    def open_() -> PIL.Image.Image:
        opened.append(True)
        return PIL.Image.new("RGB", (3, 2))

    lazy = LazyImage(open_, (3, 2), "RGB")
    assert (lazy.size, lazy.mode, lazy.has_transparency, lazy.decoder) == ((3, 2), "RGB", False, "")
    assert not opened
    assert lazy.decode().size == (3, 2)
    assert opened
