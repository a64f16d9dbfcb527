"""A report as a file of its own: which kinds there are, and what they are called."""

from api import report_pdf, report_sheet
from api.language import Language
from domain.enclosure import Attached, Enclosure
from store.reports import Report


def enclosed(report: Report, lang: str, wanted: Attached) -> Enclosure:
    """The report as that kind of file, in that language; takes some tenths of a second of CPU time."""
    spoken, told = Language.EN if lang == "en" else Language.ZH, report.figures
    name = f"mingchu-{told.span}-{told.first}-{report.id}.{wanted}"
    match wanted:
        case Attached.PDF:
            return Enclosure(name, report_pdf.MEDIA_TYPE, report_pdf.document(report, spoken))
        case Attached.XLSX:
            return Enclosure(name, report_sheet.MEDIA_TYPE, report_sheet.workbook(report, spoken))
        case Attached.NONE:
            raise ValueError("a report without a file has no file")
