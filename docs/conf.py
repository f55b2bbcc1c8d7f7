"""Configuration of the documentation site, which `make docs` builds with Sphinx."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import numpydoc.xref

import imagemood
import imagemood.learning

ROOT = Path(__file__).resolve().parent.parent
URLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
sys.path.insert(0, str(ROOT / "scripts"))

project = "image-mood-classifier"
author = "The image-mood-classifier maintainers"
copyright = f"{author}, Apache-2.0"
version = release = imagemood.__version__
language = "en-GB"

extensions = [
    "myst_nb",  # Markdown pages and notebooks
    "diagrams",  # Mermaid
    "native_math",
    "numpydoc",  # docstrings
    "repository_pages",  # links to files outside docs/
    "sphinx.ext.autodoc",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
myst_enable_extensions = ["html_image"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 4  # the anchors of headings are those of GitHub
nb_execution_mode = "off"  # `make notebooks` executes the notebooks, and a test compares the outputs
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

default_role = "py:obj"  # `Name` in docstrings
autodoc_typehints = "none"  # the types are in the docstrings
autodoc_member_order = "bysource"
numpydoc_show_class_members = False  # autodoc lists them
numpydoc_xref_param_type = True  # links from the types of parameters to these classes
numpydoc_xref_ignore = "all"
numpydoc.xref.DEFAULT_LINKS.clear()  # into the documentation of Python and NumPy, which is on other hosts
numpydoc_xref_aliases = {name: f"imagemood.{name}" for name in imagemood.__all__} | {
    name: f"imagemood.learning.{name}" for name in imagemood.learning.__all__
}

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "imagemood"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_sidebars = {"index": []}
html_theme_options = {
    "github_url": URLS["Repository"],
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "primary_sidebar_end": [],
}
