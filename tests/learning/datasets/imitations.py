"""Small imitations of datasets, with the files, columns and spellings of the originals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image

EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
MIKELS = ("amusement", "anger", "awe", "contentment", "disgust", "excitement", "fear", "sadness")


def write_picture(path: Path, seed: int = 0) -> None:
    """Write a small picture of one colour and some noise, in the format of the extension."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 200, 3) + rng.integers(0, 55, (24, 32, 3))
    file_format = {".jpg": "JPEG", ".jpeg": "JPEG", ".bmp": "BMP", ".png": "PNG"}[path.suffix.lower()]
    PIL.Image.fromarray(pixels.astype(np.uint8)).save(path, format=file_format)


def write_pictures(root: Path, names) -> None:
    """Write pictures that all differ."""
    for seed, name in enumerate(names):
        write_picture(root / name, seed)


def art_photo(root: Path, n: int = 2) -> Path:
    """ArtPhoto as testImages_artphoto.zip unpacks it: one folder, and `sad` for sadness."""
    prefixes = ("amusement", "anger", "awe", "content", "disgust", "excitement", "fear", "sad")
    names = [f"{prefix}_{100 * i + j:04}.jpg" for i, prefix in enumerate(prefixes) for j in range(n)]
    write_pictures(root / "testImages_artphoto", names)
    return root / "testImages_artphoto"


def abstract_paintings(root: Path) -> Path:
    """Abstract paintings: votes in a CSV with single quotes, with an empty name of the first column."""
    write_pictures(root, [f"abstract_{i:04}.jpg" for i in range(1, 5)])
    rows = [
        "'','Amusement','Anger','Awe','Content','Disgust','Excitement','Fear','Sad'",
        "'abstract_0001.jpg',0,0,1,5,0,3,1,4",
        "'abstract_0002.jpg',4,0,0,4,0,1,0,0",
        "'abstract_0003.jpg',0,1,0,0,2,0,8,3",
        "'abstract_0004.jpg',1,0,0,2,0,1,0,10",
    ]
    (root / "ABSTRACT_groundTruth.csv").write_text("\r\n".join(rows) + "\r\n")
    return root


def emotion6(root: Path) -> Path:
    """Emotion6: tab-separated, with brackets in the header, and equal names in several folders."""
    names = [f"{folder}/{i}.jpg" for folder in ("anger", "disgust", "joy") for i in (1, 2)]
    write_pictures(root / "images", names)
    columns = ["image_filename", "valence", "arousal"]
    columns += [f"prob. {name}" for name in (*EKMAN, "neutral")]
    rows = ["\t".join(f"[{column}]" for column in columns)]
    rows += [
        "anger/1.jpg\t2.1\t5.8\t0.6\t0.2\t0.1\t0\t0.1\t0\t0",
        "anger/2.jpg\t3\t5\t0\t0.3\t0.1\t0\t0.1\t0\t0.5",
    ]
    rows += ["disgust/1.jpg\t2.5\t3.8\t0.133333\t0.7\t0\t0.0666667\t0.1\t0\t0"]
    rows += ["disgust/2.jpg\t2.9\t4.2\t0.1\t0.4\t0.3\t0\t0.1\t0.1\t0"]
    rows += ["joy/1.jpg\t7.5\t4.8\t0\t0\t0\t0.9\t0\t0\t0.1", "joy/2.jpg\t6.5\t4.1\t0\t0\t0\t0.5\t0\t0.2\t0.3"]
    (root / "ground_truth.txt").write_text("\n".join(rows) + "\n")
    (root / "readme.txt").write_text("Cornell Emotion6 Image Database\n\n[1] Peng et al.\n")
    return root


def twitter_ldl(root: Path) -> Path:
    """Twitter-LDL: votes separated by spaces, with a last column of the class."""
    write_pictures(root / "images", ["1.jpg", "2.jpg", "3.jpg"])
    header = "images-name Amusement Awe Contentment Excitement Anger Disgust Fear Sadness class"
    rows = ["1.jpg 5 0 3 0 0 0 0 0 1", "2.jpg 0 0 0 0 0 1 6 1 7", "3.jpg 0 4 4 0 0 0 0 0 2"]
    (root / "ground_truth.txt").write_text("\n".join([header, *rows]) + "\n")
    return root


def emoset(root: Path) -> Path:
    """EmoSet-118K: split files, annotations, info.json; the entries have three or four elements."""
    splits = {"train": [], "val": [], "test": []}
    for i, (mood, split) in enumerate((m, s) for m in ("amusement", "fear") for s in splits):
        name = f"{mood}_{i:05}"
        picture, annotation = f"image/{mood}/{name}.jpg", f"annotation/{mood}/{name}.json"
        write_picture(root / picture, i)
        (root / annotation).parent.mkdir(parents=True, exist_ok=True)
        values = {"image_id": name, "emotion": mood, "brightness": 0.3, "object": ["Person"]}
        (root / annotation).write_text(json.dumps(values))
        splits[split].append([mood, picture, annotation] if i % 2 else [mood, name, picture, annotation])
    for split, entries in splits.items():
        (root / f"{split}.json").write_text(json.dumps(entries))
    (root / "info.json").write_text(json.dumps({"emotion": {"label2idx": {"amusement": 0, "fear": 6}}}))
    return root


def twitter(root: Path) -> Path:
    """Twitter I: lists of the pictures on which three, four and five annotators agree."""
    write_pictures(root / "images", ["6a.jpg", "7b.jpg", "8c.jpg"])
    (root / "ground_truth").mkdir()
    (root / "ground_truth" / "twitter_three_agrees.txt").write_text("6a.jpg 1\n7b.jpg 0\n8c.jpg 1\n")
    (root / "ground_truth" / "twitter_four_agrees.txt").write_text("6a.jpg 1\n7b.jpg 0\n")
    (root / "ground_truth" / "twitter_five_agrees.txt").write_text("6a.jpg 1\n")
    return root


def iaps(root: Path) -> Path:
    """IAPS: a report with lines above the header, numbers with dots, `.` for missing values, repeated pictures."""
    write_pictures(root / "IAPS 1-20 Images", ["1050.jpg", "2055.1.JPG", "1051.jpg"])
    header = "desc\tIAPS\tvalmn\tvalsd\taromn\tarosd\tdom1mn\tdom1sd\tdom2mn\tdom2sd\tset"
    lines = [
        "The International Affective Picture System",
        "Lang, P.J., Bradley, M.M., & Cuthbert, B.N.",
        "",
        header,
    ]
    lines += [
        "Snake\t1050\t3.46\t2.15\t6.87\t1.68\t3.08\t2.20\t.\t.\t1",
        "Man, old\t2055.1\t3.1\t1.8\t5\t2\t4\t2\t.\t.\t2",
    ]
    lines += [
        "Snake\t1051\t3.80\t1.98\t6.12\t1.97\t3.85\t2.12\t.\t.\t1",
        "Snake\t1051\t4.00\t2\t6.00\t2\t4\t2\t.\t.\t9",
    ]
    (root / "IAPS Tech Report").mkdir()
    (root / "IAPS Tech Report" / "AllSubjects_1-20.txt").write_bytes("\r\n".join(lines).encode("cp1252"))
    return root


def oasis(root: Path) -> Path:
    """OASIS: names with spaces, without extension and with white space at the end."""
    write_pictures(root / "images", ["Acorns 1.jpg", "Bark 3.jpg"])
    columns = ",Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N"
    rows = [
        "I1,Acorns 1,Object,Pixabay,4.6863,1.15,102,2.3465,1.6,101",
        "I2,Bark 3 ,Object,Flickr,4.1,1,100,2.1,1.2,99",
    ]
    (root / "OASIS.csv").write_text("\n".join([columns, *rows]) + "\n")
    (root / "OASIS_bygender_CORRECTED_092617.csv").write_text(",Theme,Valence_mean_men\nI1,Acorns 1,4.5\n")
    return root


def gaped(root: Path) -> Path:
    """GAPED: a table per category, with standard deviations in parentheses, and bitmaps in folders."""
    write_pictures(root, ["GAPED/A/A001.bmp", "GAPED/A/A002.bmp", "GAPED/P/P001.bmp"])
    folder = root / "GAPED"
    header = "\tValence\t(SD)\tArousal\t(SD)\r\n"
    rows = "A001.bmp\t12.5\t(10.2)\t60.1\t(20)\r\nA002.jpg\t\t30,5\t\t(9.0)\t55,0\t(18)\r\n"
    (folder / "A_with SD.txt").write_text(header + rows)
    (folder / "A.txt").write_text("\tValence\tArousal\r\nA001.bmp\t1\t1\r\nA002.bmp\t1\t1\r\n")
    (folder / "P_with SD.txt").write_text(f"{header}P001.bmp\t88.0\t(5)\t20.0\t(15)\r\n")
    return root


def fi(root: Path) -> Path:
    """FI: one folder per mood, and names that start with the mood."""
    write_pictures(root, [f"{mood}/{mood}_{i}.jpg" for mood in MIKELS for i in range(2)])
    return root
