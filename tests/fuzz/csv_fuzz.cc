// Rows of CSV and their mapping: no input may crash, what is read does not depend on the pieces it
// comes in, and is read back as it was when it is written again.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/invariant.h"
#include "scim/lines/column_mapping.h"
#include "scim/lines/csv_reader.h"
#include "scim/lines/csv_text.h"
#include "support/scim_schemas.h"

using vestibule::fuzz::require;
using vestibule::scim::ColumnMapping;
using vestibule::scim::CsvReader;
using vestibule::scim::Record;

namespace {

std::vector<Record> read(std::string_view text, std::size_t piece) {
  CsvReader reader(',', 4'096);
  std::vector<Record> rows;
  const auto take = [&] {
    while (auto row = reader.next()) rows.push_back(*std::move(row));
  };
  while (!text.empty()) {
    const auto size = std::min(piece, text.size());
    reader.feed(text.substr(0, size));
    text.remove_prefix(size);
    take();
  }
  reader.finish();
  take();
  return rows;
}

bool isSame(const std::vector<Record>& left, const std::vector<Record>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const Record& one, const Record& other) {
                      return one.line == other.line && one.fields == other.fields &&
                             one.refused.has_value() == other.refused.has_value();
                    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rows = read(text, text.size() + 1);
  require(isSame(rows, read(text, 1)), "rows do not depend on pieces of one byte");
  require(isSame(rows, read(text, 5)), "rows do not depend on pieces of five bytes");
  std::string written;
  std::vector<std::vector<std::string>> wanted;
  for (const auto& row : rows) {
    if (row.refused) continue;
    vestibule::scim::appendCsvRow(written, row.fields);
    wanted.push_back(row.fields);
  }
  const auto again = read(written, 64);
  if (written.size() <= 4'096) {
    require(again.size() == wanted.size(), "as many rows are read back as were written");
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      require(again[i].fields == wanted[i], "a row is read back as it was");
    }
  }
  if (wanted.empty()) return 0;
  const auto& registry = *vestibule::scim::test::schemas().registry;
  const auto mapping =
      ColumnMapping::bind(registry, *registry.findResourceType("User"), wanted.front(), {});
  if (!mapping) return 0;
  for (const auto& row : rows) {
    const auto resource = mapping->resourceOf(row);
    require(!resource || resource->isObject(), "a row is an object, or refused");
  }
  return 0;
}
