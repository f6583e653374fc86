"""``riverchief case verify``: whether the history of every case is as it was written."""

from __future__ import annotations

import argparse

WHY = {
    "chain": ("第 {entry} 条经过与前一条对不上", "entry {entry} does not follow from the one before"),
    "missing": ("第 {entry} 条之后的经过缺失", "entries after number {entry} are missing"),
    "row": ("工单所处环节与经过不符", "the case stands where no step of its history has led it"),
    "photo": ("第 {entry} 条的照片被换过或不在", "a photo of entry {entry} was exchanged or is gone"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``riverchief case``."""
    parser.add_argument("what", choices=["verify"], help="verify: check the chain of every case")
    parser.add_argument("--photos", action="store_true", help="read every photo too")


def run(arguments: argparse.Namespace) -> int:
    """Name every case that was touched; exit 1 where there is one."""
    from riverchief_server.cli import language
    from riverchief_server.cli.start import set_up

    set_up()
    from riverchief_server.cases.models import Case
    from riverchief_server.cases.verifying import verify_cases

    chinese = language() == "zh"
    touched = 0
    for one in verify_cases(with_photos=arguments.photos):
        touched += 1
        print(f"{one.number}: {WHY[one.why][0 if chinese else 1].format(entry=one.entry)}")
    count = Case.objects.count()
    if chinese:
        print(f"共 {count} 件工单，{touched} 件的经过被动过" if touched else f"共 {count} 件工单，经过都完整")
    else:
        print(f"{count} cases, {touched} touched" if touched else f"{count} cases, every history is whole")
    return 1 if touched else 0
