"""The names of the formats of datasets, which the command line lists without loading the formats."""

DATASET_FORMATS = (
    "abstract",
    "emotion6",
    "ldl",
    "emoset",
    "twitter",
    "iaps",
    "oasis",
    "gaped",
    "artphoto",
    "folders",
    "table",
)
