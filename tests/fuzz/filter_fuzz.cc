// Filters: parsing never fails but by an error, evaluating never fails, and a printed filter means
// the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz/invariant.h"
#include "scim/filter/filter.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using fuzz::require;

/// Printing adds parentheses and quotes.
constexpr FilterLimits kWide{.bytes = 1'000'000, .depth = 200, .terms = 10'000};

const std::vector<json::Object>& users() {
  static const std::vector<json::Object> all = [] {
    std::vector<json::Object> made;
    for (const char* text :
         {R"({})",
          R"({"userName": "bjensen", "title": "Vice President", "active": true,
                 "name": {"familyName": "O'Malley"}, "externalId": "a",
                 "emails": [{"value": "a@b", "type": "work", "primary": true}, {"value": "c", "type": "home"}],
                 "meta": {"created": "2026-01-01T00:00:00Z", "resourceType": "User"}, "groups": [{"value": "g"}],
                 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7"}})",
          R"({"userName": "\u00e9\u0301 x", "title": "", "emails": [], "active": "true", "name": 5,
                 "tags": ["a", 5], "count": 7, "ratio": 1.5, "at": "2026-01-01T00:00:00Z", "flag": true,
                 "items": [{"value": "a", "size": 3}, 4]})"}) {
      made.push_back(*test::parsed(text).object());
    }
    return made;
  }();
  return all;
}

void tryFilter(const ResourceType& type, std::string_view text) {
  const Registry& registry = test::schemas().of(type);
  const Result<BoundFilter> filter = parseFilter(registry, type, text);
  if (!filter) {
    require(filter.error().kind == ErrorKind::kInvalidFilter, "errors are invalidFilter",
            filter.error().detail);
    return;
  }
  const std::string printed = printFilter(*filter);
  const Result<BoundFilter> again = parseFilter(registry, type, printed, kWide, Tolerances{});
  require(again.has_value(), "a printed filter parses", printed);
  require(printFilter(*again) == printed, "a printed filter prints the same", printed);
  for (const json::Object& user : users()) {
    require(evaluate(*filter, user) == evaluate(*again, user), "a printed filter means the same",
            printed);
  }
}

void tryValueFilter(const ResourceType& type, const char* attribute, std::string_view text) {
  const AttributeRef ref{type.schema, false, type.schema->find(attribute), nullptr};
  const Result<BoundFilter> filter = parseValueFilter(ref, text);
  if (!filter) return;
  const std::string printed = printFilter(*filter);
  const Result<BoundFilter> again = parseValueFilter(ref, printed, kWide);
  require(again.has_value(), "a printed value filter parses", printed);
  for (const char* element : {R"({"value": "a", "type": "work"})", R"("a")", "5", "[]", "null"}) {
    const json::Value value = test::parsed(element);
    require(evaluateElement(*filter, value) == evaluateElement(*again, value),
            "a printed value filter means the same", printed);
  }
}

}  // namespace
}  // namespace vestibule::scim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto& schemas = vestibule::scim::test::schemas();
  vestibule::scim::tryFilter(*schemas.user, text);
  vestibule::scim::tryFilter(*schemas.group, text);
  vestibule::scim::tryFilter(*schemas.probe, text);
  vestibule::scim::tryValueFilter(*schemas.user, "emails", text);
  vestibule::scim::tryValueFilter(*schemas.probe, "tags", text);
  return 0;
}
