//! Values of Trino's documentation, "Conversion functions" and "JSON functions and operators".
