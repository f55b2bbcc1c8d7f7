"""The names of the formats of datasets, which the command line lists without loading the formats."""

DATASET_FORMATS = (
    "artphoto",
    "abstract",
    "emotion6",
    "ldl",
    "emoset",
    "twitter",
    "iaps",
    "oasis",
    "gaped",
    "folders",
    "table",
)
