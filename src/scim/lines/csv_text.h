#pragma once
// Comma-separated values as text (RFC 4180).

#include <string>
#include <string_view>
#include <vector>

namespace vestibule::scim {

/// Appends the row with its line end (LF): fields stand in quotes where they have to, and an empty
/// sole field does, so that no row is empty. CsvReader reads it back as it was.
void appendCsvRow(std::string& out, const std::vector<std::string>& fields, char separator = ',');

}  // namespace vestibule::scim
