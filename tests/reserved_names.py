"""Names that a generated client cannot use for its own types without trouble.

They are public types of the standard libraries (and of Flutter and SwiftUI) that files have without
naming them in an import, or that every app imports.
"""

FLUTTER = """
    Action Alignment Animation AppBar Badge Banner Border Builder Card Center Checkbox Chip Color
    Column Container Curve DateTime Decoration Dialog Divider Drawer Duration Element Error Expanded
    Flexible Form Future Hero Icon Image Intent Iterable Key List Locale Map Match Material Matrix4
    Navigator Notification Null Object Offset Opacity Padding Page Path Pattern Placeholder Radio
    Rect Route Row Set Size Slider Stack State Step Stepper Stream String Switch Symbol Tab Table
    Text Theme Title Tooltip Type Uri View Visibility Widget Wrap
"""
SWIFT = """
    Actor Alert Any Array Binding Bool Button Calendar Character Color Data Date DateComponents
    Decoder Dictionary Divider Double Encoder Environment Error Float Font Form Gesture Group Host
    Identifiable Image Int Label Link List Locale Measurement Menu Never Notification Operation
    Optional Path Picker Port Process Progress Range Result Scene Section Set Shape Slider State
    Stepper String SubString Tab Table Task Text Thread TimeZone Timer Toggle Unit UUID URL View
    Void Widget
"""
JAVA_AND_KOTLIN = """
    Annotation Any Array Boolean Byte Calendar Char Character Class Clock Collection Comparable
    Currency Date Deprecated Double Duration Enum Error Exception File Float Function Instant Int
    Integer Iterable Iterator Lazy List LocalDate LocalTime Locale Long Map Month Module Monitor
    Nothing Number Object Objects Optional Override Package Pair Period Process
    Properties Random Range
    Record Regex Result Runtime Scanner Set Sequence Short String System Thread Throwable TimeZone
    Timer Triple UUID Unit Void Year
"""
TYPESCRIPT_AND_PYTHON = """
    Array Blob Body Boolean Date Document Element Error Event Exception File Function Headers
    History Image Location Lock Map Node Notification Number Object Option Partial Path Pick
    Plugin Promise
    Proxy Range Record Request Required Response Selection Set Storage String Symbol Text Touch Type
    Union
"""
RESERVED = frozenset(f"{FLUTTER} {SWIFT} {JAVA_AND_KOTLIN} {TYPESCRIPT_AND_PYTHON}".split())
