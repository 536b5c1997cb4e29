"""Make the pictures of docs/look.md: the terminal as SVG, the HTML page as PNG.

python docs/screenshots.py          write; the PNGs need chromium with its driver, and the group docs of pyproject.toml
python docs/screenshots.py --check  exit 1 if a picture no longer shows what driftcheck prints

A PNG depends on the fonts of the machine that made it, so what is compared is the page that it shows: its digest stands
in docs/look/pages.json.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

from click.testing import CliRunner

from driftcheck.cli import cli

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs/look"
_INCIDENT = "--repo fixtures/mediawiki/incident --extension-date 2017-11-20"
TERMINAL = {
    "finding": f"check {_INCIDENT} --select model-off-in-beta --today 2017-11-20 --color always",
    "check": f"check {_INCIDENT} --today 2017-11-20 --color always",
    "explain": f"explain fawiki wgOresModels.goodfaith {_INCIDENT}",
}
PAGE = f"check {_INCIDENT} --today 2017-11-20 --format html"


class View(NamedTuple):
    """How the page is looked at: the colour scheme and the filters."""

    scheme: str
    fragment: str


VIEWS = {"page-light": View("light", ""), "page-dark": View("dark", "#wiki=ruwiki&severity=error")}
_WIDTH, _SCALE, _BELOW = 1200, 1.5, 24
_BOTTOM = "return document.querySelector('article:not([hidden])').getBoundingClientRect().bottom"

# A cell of the terminal, in pixels; each line is stretched to its cells, whatever font there is.
_CELL, _LINE, _MARGIN, _SIZE = 8.4, 19, 18, 14
_COLOURS = {"31": "#ff8f88", "33": "#edc15a", "35": "#d7a6f5", "36": "#7fd3e6"}
_SGR = re.compile(r"\x1b\[([\d;]*)m")


def texts() -> dict[Path, str]:
    """Every picture of the terminal with its SVG."""
    return {FOLDER / f"{name}.svg": _svg(command) for name, command in TERMINAL.items()}


def page() -> str:
    """The HTML page that the PNGs show."""
    return _output(PAGE)


def digests() -> dict[str, Any]:
    """What pages.json has to say: of each PNG the page that it shows, how it is looked at, and its own bytes."""
    shown = _digest(page().encode("utf-8"))
    return {
        f"{name}.png": {"html": shown, "png": _digest(_png(name).read_bytes()), **view._asdict()}
        for name, view in VIEWS.items()
    }


def _png(name: str) -> Path:
    return FOLDER / f"{name}.png"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _output(command: str) -> str:
    """What a command prints, in a terminal of a hundred columns at the root of this repository."""
    before = Path.cwd()
    os.chdir(ROOT)
    try:
        return CliRunner(env={"COLUMNS": "100"}).invoke(cli, shlex.split(command)).stdout
    finally:
        os.chdir(before)


def _svg(command: str) -> str:
    """The command and what it prints, as lines of text on a dark ground."""
    prompt = f"$ driftcheck {command}".partition(" --today")[0]
    lines = [prompt, *_output(command).rstrip("\n").split("\n")]
    longest = max(len(_SGR.sub("", line)) for line in lines)
    width, height = round(longest * _CELL) + 2 * _MARGIN, len(lines) * _LINE + 2 * _MARGIN
    body = [_text(line, _MARGIN + number * _LINE + _SIZE) for number, line in enumerate(lines) if line]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        f"<title>{escape(prompt)}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#15171a"/>',
        f'<g font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="{_SIZE}" fill="#e4e5e7">',
        *body,
        "</g>",
        "</svg>\n",
    ])  # fmt: skip


def _text(line: str, y: int) -> str:
    """A line, its colours as spans. Spaces at its beginning are a distance."""
    plain = _SGR.sub("", line)
    indent = len(plain) - len(plain.lstrip(" "))
    length = len(plain) - indent
    pieces = _SGR.split(line.lstrip(" "))
    spans = [escape(pieces[0])]
    for codes, text in zip(pieces[1::2], pieces[2::2], strict=True):
        spans.append(f"<tspan{_look(codes)}>{escape(text)}</tspan>" if _look(codes) and text else escape(text))
    place = f'x="{_MARGIN + indent * _CELL:g}" y="{y}" textLength="{length * _CELL:g}" lengthAdjust="spacingAndGlyphs"'
    return f'<text {place} xml:space="preserve">{"".join(spans)}</text>'


def _look(codes: str) -> str:
    """The attributes of a colour; a code that is not known here is an error, not a lost colour."""
    parts = [code for code in codes.split(";") if code not in {"", "0"}]
    fills = [f' fill="{_COLOURS[code]}"' for code in parts if code != "1"]
    return "".join(fills) + (' font-weight="bold"' if "1" in parts else "")


def _shoot() -> None:
    """The PNGs, by a real browser."""
    from PIL import Image
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-lcd-text",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "report.html")
            file.write_text(page(), encoding="utf-8")
            for name, view in VIEWS.items():
                features = [{"name": "prefers-color-scheme", "value": view.scheme}]
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
                metrics = {"width": _WIDTH, "height": 900, "deviceScaleFactor": _SCALE, "mobile": False}
                driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
                driver.get("about:blank")
                driver.get(file.as_uri() + view.fragment)
                # Down to the end of the first finding.
                clip = {"x": 0, "y": 0, "width": _WIDTH, "height": driver.execute_script(_BOTTOM) + _BELOW, "scale": 1}
                asked = {"format": "png", "captureBeyondViewport": True, "clip": clip}
                shot = driver.execute_cdp_cmd("Page.captureScreenshot", asked)
                image = Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
                # Maximum coverage keeps a colour that few pixels have: the amber of one warning.
                few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
                few.save(_png(name), optimize=True)
    finally:
        driver.quit()


def stale() -> list[str]:
    """The pictures that no longer show what driftcheck prints."""
    out = [path.name for path, text in texts().items() if not path.exists() or path.read_text("utf-8") != text]
    if not all(_png(name).exists() for name in VIEWS):
        return [*out, *(f"{name}.png" for name in VIEWS)]
    told = json.loads((FOLDER / "pages.json").read_text("utf-8"))
    return [*out, *(name for name, digest in digests().items() if told.get(name) != digest)]


def main() -> int:
    """Write or compare."""
    if "--check" in sys.argv:
        for name in (names := stale()):
            sys.stderr.write(f"docs/look/{name} is stale: run python docs/screenshots.py\n")
        return int(bool(names))
    FOLDER.mkdir(exist_ok=True)
    for path, text in texts().items():
        path.write_text(text, "utf-8")
    _shoot()
    (FOLDER / "pages.json").write_text(json.dumps(digests(), indent=2) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
