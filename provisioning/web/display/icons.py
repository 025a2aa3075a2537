"""Icons as strokes on a 16 by 16 grid, drawn into the page so that they take the color of the text beside them."""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

STROKES = {
    "check": '<path d="M3.2 8.6 6.4 11.8 12.8 4.6"/>',
    "cross": '<path d="m4 4 8 8M12 4l-8 8"/>',
    "minus": '<path d="M4 8h8"/>',
    "circle": '<circle cx="8" cy="8" r="5.5"/>',
    "done": '<circle cx="8" cy="8" r="6.2"/><path d="m5.2 8.3 2 2 3.6-4.3"/>',
    "failed": '<circle cx="8" cy="8" r="6.2"/><path d="m5.9 5.9 4.2 4.2M10.1 5.9l-4.2 4.2"/>',
    "running": '<circle cx="8" cy="8" r="6" opacity=".25"/><path d="M14 8a6 6 0 0 0-6-6"/>',
    "clock": '<circle cx="8" cy="8" r="6.2"/><path d="M8 4.6V8l2.3 1.5"/>',
    "question": '<circle cx="8" cy="8" r="6.2"/><path d="M6.3 6.4a1.75 1.75 0 1 1 2.5 1.7c-.6.3-.8.6-.8 1.2M8 11.3v.1"/>',
    "stopped": '<circle cx="8" cy="8" r="6.2"/><path d="m3.7 12.3 8.6-8.6"/>',
    "info": '<circle cx="8" cy="8" r="6.2"/><path d="M8 7.3v3.8M8 4.8v.1"/>',
    "shield": '<path d="M8 1.8 3 3.7v4c0 3 2.1 5.3 5 6.5 2.9-1.2 5-3.5 5-6.5v-4z"/>',
    "search": '<circle cx="7" cy="7" r="4.5"/><path d="m10.4 10.4 3.2 3.2"/>',
    "copy": '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/>'
    '<path d="M10.5 3.5v-.2a1 1 0 0 0-1-1H3.3a1 1 0 0 0-1 1v6.2a1 1 0 0 0 1 1h.2"/>',
    "download": '<path d="M8 2.5v7.6M4.8 7.2 8 10.4l3.2-3.2M2.8 13.3h10.4"/>',
    "pull-request": '<circle cx="4" cy="3.6" r="1.7"/><circle cx="4" cy="12.4" r="1.7"/><circle cx="12" cy="12.4" r="1.7"/>'
    '<path d="M4 5.3v5.4M12 10.7V6.5a2 2 0 0 0-2-2H7.6M9.3 2.6 7.4 4.5l1.9 1.9"/>',
    "merged": '<circle cx="4" cy="3.6" r="1.7"/><circle cx="4" cy="12.4" r="1.7"/><circle cx="12" cy="8.4" r="1.7"/>'
    '<path d="M4 5.3v5.4M4 5.3c.3 2.3 2.6 3.1 6.3 3.1"/>',
    "branch": '<circle cx="4.5" cy="3.6" r="1.7"/><circle cx="4.5" cy="12.4" r="1.7"/><circle cx="11.5" cy="4.6" r="1.7"/>'
    '<path d="M4.5 5.3v5.4M11.5 6.3c0 2.6-7 1.6-7 4.4"/>',
    "sun": '<circle cx="8" cy="8" r="2.8"/><path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9'
    'M12.6 3.4l-.9.9M4.3 11.7l-.9.9"/>',
    "moon": '<path d="M13.3 9.6A5.6 5.6 0 0 1 6.4 2.7a5.7 5.7 0 1 0 6.9 6.9Z"/>',
    "menu": '<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>',
    "left": '<path d="M9.8 3.5 5.3 8l4.5 4.5"/>',
    "right": '<path d="m6.2 3.5 4.5 4.5-4.5 4.5"/>',
    "retry": '<path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.3v2.6h-2.6"/>',
    "edit": '<path d="m10.6 2.9 2.5 2.5-7.4 7.4-3.1.6.6-3.1z"/>',
    "link": '<path d="M6.7 9.3a2.6 2.6 0 0 0 3.7 0l2.2-2.2a2.6 2.6 0 0 0-3.7-3.7l-.7.7M9.3 6.7a2.6 2.6 0 0 0-3.7 0L3.4 8.9a2.6'
    ' 2.6 0 0 0 3.7 3.7l.7-.7"/>',
    "sign-out": '<path d="M6.5 13.5h-3a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1h3M10.5 11l3-3-3-3M13.3 8H6.2"/>',
    "rds": '<ellipse cx="8" cy="3.9" rx="5.2" ry="2.1"/><path d="M2.8 3.9v8.2c0 1.2 2.3 2.1 5.2 2.1s5.2-.9 5.2-2.1V3.9M2.8 8c0 '
    '1.2 2.3 2.1 5.2 2.1s5.2-.9 5.2-2.1"/>',
    "s3": '<path d="M2.6 4.2h10.8l-1.3 8.6c-.1.8-1.9 1.4-4.1 1.4s-4-.6-4.1-1.4z"/><ellipse cx="8" cy="4" rx="5.4" ry="1.7"/>',
    "eks": '<path d="m8 1.6 5.6 3.2v6.4L8 14.4l-5.6-3.2V4.8z"/><path d="m8 5.2 2.5 1.4v2.8L8 10.8 5.5 9.4V6.6z"/>',
    "vpc": '<rect x="5.8" y="1.8" width="4.4" height="3.6" rx="1"/><rect x="1.8" y="10.6" width="4.4" height="3.6" rx="1"/>'
    '<rect x="9.8" y="10.6" width="4.4" height="3.6" rx="1"/><path d="M8 5.4V8M4 10.6V8h8v2.6"/>',
    "dynamodb": '<rect x="2.2" y="2.8" width="11.6" height="10.4" rx="1.4"/><path d="M2.2 6.2h11.6M2.2 9.7h11.6M6 6.2v7"/>',
    "lambda": '<path d="M4 2.5h2.2L12 13.5M7.6 7.2 4 13.5"/>',
    "sqs": '<path d="M2 5.2h3.4v5.6H2zM6.3 5.2h3.4v5.6H6.3zM10.6 5.2H14v5.6h-3.4z"/>',
    "sns": '<path d="M2.5 6.4v3.2h2l5 3.2V3.2l-5 3.2zM12 5.6a3.4 3.4 0 0 1 0 4.8"/>',
    "block": '<rect x="2.5" y="2.5" width="11" height="11" rx="2"/><path d="M2.5 6.5h11M6.5 6.5v7"/>',
}


def icon(name: str, css_class: str = "") -> SafeString:
    strokes = STROKES.get(name, STROKES["block"])
    return format_html(
        '<svg class="icon {}" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.5"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        css_class,
        mark_safe(strokes),  # noqa: S308  constants of this module
    )
