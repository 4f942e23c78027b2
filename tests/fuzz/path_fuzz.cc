// Paths of PATCH, and the lists of attributes that a client asks for: reading never fails but by an
// error, and what was read prints as what means the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuzz/invariant.h"
#include "scim/patch/path.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/project.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using fuzz::require;

void tryPath(const ResourceType& type, std::string_view text) {
  const Registry& registry = test::schemas().of(type);
  const Result<PatchPath> path = parsePatchPath(registry, type, text);
  if (!path) {
    const ErrorKind kind = path.error().kind;
    require(kind == ErrorKind::kInvalidPath || kind == ErrorKind::kInvalidFilter,
            "errors are invalidPath or invalidFilter", path.error().detail);
    return;
  }
  require((path->whole != nullptr) != (path->attribute.attribute != nullptr),
          "a path is a schema or an attribute", std::string(text));
  if (path->whole != nullptr || path->selection) return;
  const std::string printed = path->attribute.text();
  const Result<PatchPath> again = parsePatchPath(registry, type, printed);
  require(again && again->attribute == path->attribute, "a printed path is the same", printed);
}

void tryAttribute(const ResourceType& type, std::string_view text) {
  const Registry& registry = test::schemas().of(type);
  const Result<AttributeRef> ref =
      resolveAttribute(registry, type, text, ErrorKind::kInvalidFilter);
  if (!ref) {
    require(ref.error().kind == ErrorKind::kInvalidFilter, "errors are of the kind asked for");
    return;
  }
  const Result<AttributeRef> again =
      resolveAttribute(registry, type, ref->text(), ErrorKind::kInvalidFilter);
  require(again && *again == *ref, "a printed attribute is the same", ref->text());
}

void tryProjection(const ResourceType& type, const std::string& text) {
  static const json::Object kUser = *test::parsed(
                                         R"({"schemas": ["s"], "id": "1", "userName": "a",
      "name": {"familyName": "b"}, "emails": [{"value": "a@b", "type": "work"}], "meta": {"version": "v"},
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7"}})")
                                         .object();
  const Registry& registry = test::schemas().of(type);
  for (const bool excluded : {false, true}) {
    const std::vector<std::string> list{text};
    const auto projection =
        Projection::parse(registry, type, excluded ? std::vector<std::string>{} : list,
                          excluded ? list : std::vector<std::string>{});
    require(projection.has_value(), "one list alone is no error", text);
    require(projection->apply(type, kUser).find("id") != nullptr, "the id is always shown", text);
  }
}

}  // namespace
}  // namespace vestibule::scim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto& schemas = vestibule::scim::test::schemas();
  for (const auto* type : {schemas.user, schemas.group, schemas.probe}) {
    vestibule::scim::tryPath(*type, text);
    vestibule::scim::tryAttribute(*type, text);
    vestibule::scim::tryProjection(*type, text);
  }
  return 0;
}
