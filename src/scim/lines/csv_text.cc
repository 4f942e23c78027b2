#include "scim/lines/csv_text.h"

namespace vestibule::scim {
namespace {

void appendField(std::string& out, std::string_view field, char separator, bool quoted) {
  const char special[] = {'"', '\n', '\r', separator};
  if (!quoted &&
      field.find_first_of(std::string_view(special, sizeof special)) == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

void appendCsvRow(std::string& out, const std::vector<std::string>& fields, char separator) {
  const bool lone_empty = fields.size() == 1 && fields.front().empty();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += separator;
    // In front of all it would be taken for a byte order mark.
    appendField(out, fields[i], separator, lone_empty || fields[i].starts_with("\xEF\xBB\xBF"));
  }
  out += '\n';
}

}  // namespace vestibule::scim
