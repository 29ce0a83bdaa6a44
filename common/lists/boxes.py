"""Many boxes to tick, in groups with a caption each."""

from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget


class GroupedBoxes(UnfoldAdminCheckboxSelectMultipleWidget):  # type: ignore[misc]
    """Boxes side by side under the captions of their groups.

    The field's choices are (caption, [(value, words), …]); without captions take
    Unfold's own widget, which sets one box under the other.
    """

    template_name = "face/_boxes.html"
