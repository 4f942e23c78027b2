// PATCH: any request either fails or leaves a resource that is canonical and valid.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fuzz/invariant.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/patch/patch.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using fuzz::require;

constexpr Tolerances kStrict{};

/// A resource with something of everything, and the type it is of.
struct Subject {
  const ResourceType* type;
  json::Object resource;
};

const std::vector<Subject>& subjects() {
  const auto& schemas = test::schemas();
  static const std::vector<Subject> all{
      {schemas.user,
       test::resource(*schemas.user,
                      R"({"userName": "a", "title": "T", "active": true, "name": {"givenName": "G"},
                          "emails": [{"value": "w", "type": "work", "primary": true}, {"value": "h", "type": "home"}],
                          "addresses": [{"country": "DE", "type": "work"}],
                          "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
                            {"department": "D", "manager": {"value": "m"}}})")},
      {schemas.group, test::resource(*schemas.group, R"({"displayName": "T"})")},
      {schemas.probe,
       test::resource(
           *schemas.probe,
           R"({"label": "a", "fixed": "f", "fixedTags": ["x"], "tags": ["a", "b"], "codes": [1, 2],
                          "parts": ["p", "q"], "details": {"note": "n", "serial": "s"},
                          "items": [{"value": "a", "type": "t", "serial": "s"}, {"value": "b"}],
                          "pairs": [{"left": "l"}]})")}};
  return all;
}

void checkResult(const Subject& subject, const json::Object& result) {
  const std::string text = json::write(result);
  const Result<json::Object> finished =
      finish(test::schemas().of(*subject.type), *subject.type, result);
  require(finished.has_value(), "the result is valid", text);
  require(*finished == result, "the result is canonical", text);
  const Result<json::Value> reread = json::parse(text, {.elements = 10'000'000});
  require(reread.has_value() && *reread == json::Value(result), "the result survives storage",
          text);
}

void tryPatch(const Subject& subject, const json::Value& body, Tolerating tolerating) {
  const Registry& registry = test::schemas().of(*subject.type);
  Result<std::vector<PatchOperation>> operations =
      parsePatch(registry, *subject.type, body, tolerating);
  if (!operations) return;
  if (const Attribute* members = subject.type->schema->find("members")) {
    Result<GroupPatch> group = splitMembership(*members, std::move(*operations));
    if (!group) return;
    for (const MemberStep& step : group->members) {
      require(step.kind != MemberStep::Kind::kRemove || !step.values.empty(),
              "a removal says whom it removes");
    }
    operations = std::move(group->rest);
  }
  const Result<json::Object> result =
      applyPatch(registry, *subject.type, subject.resource, *operations, tolerating);
  if (result) {
    checkResult(subject, *result);
  } else {
    require(result.error().kind != ErrorKind::kInternal, "no request is a defect of ours",
            result.error().internal);
  }
}

}  // namespace
}  // namespace vestibule::scim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const vestibule::Result<vestibule::json::Value> body = vestibule::json::parse(text);
  if (!body) return 0;
  for (const auto& subject : vestibule::scim::subjects()) {
    vestibule::scim::tryPatch(subject, *body, {});
    vestibule::scim::tryPatch(subject, *body, vestibule::scim::kStrict);
  }
  return 0;
}
