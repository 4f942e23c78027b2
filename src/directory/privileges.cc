#include "directory/privileges.h"

#include <algorithm>

#include "base/log.h"
#include "json/write.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {
namespace {

bool mayChangePrivileged(const Principal& principal) {
  return principal.has(Scope::kScimWrite) && principal.has(Scope::kScimPrivileged);
}

tl::unexpected<Error> refuse(const std::string& what, std::string_view attribute) {
  return failure(ErrorKind::kForbidden, what + " takes a token with the scope scim:privileged",
                 std::string(attribute));
}

/// Why clients do not write the attribute in a way that could be told; empty when they do.
std::string_view faultOf(const scim::AttributeRef& ref) {
  const auto& attribute = *ref.attribute;
  if (attribute.credential) return "is a credential, whose changes cannot be told";
  if (attribute.relation) return "is no attribute to write: groups are listed in privilegedGroups";
  if (ref.schema == nullptr && attribute.name == "schemas") {
    return "follows from the other attributes";
  }
  const bool read_only = attribute.mutability == scim::Mutability::kReadOnly ||
                         ref.target().mutability == scim::Mutability::kReadOnly;
  if (read_only) return "is readOnly: no client changes it";
  if (attribute.multi_valued && ref.sub != nullptr) {
    return "is a part of values: name the attribute as a whole";
  }
  return {};
}

std::vector<std::string> sortedTexts(const json::Array& values) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& value : values) texts.push_back(json::write(value));
  std::sort(texts.begin(), texts.end());
  return texts;
}

bool isSame(const json::Value* before, const json::Value* after) {
  if (before == nullptr || after == nullptr) return before == after;
  if (*before == *after) return true;
  const auto* old_values = before->array();
  const auto* new_values = after->array();
  return old_values != nullptr && new_values != nullptr &&
         old_values->size() == new_values->size() &&
         sortedTexts(*old_values) == sortedTexts(*new_values);
}

Result<scim::AttributeRef> resolve(const Context& context, const std::string& path) {
  return scim::resolveAttribute(*context.registry, *context.user_type, path,
                                ErrorKind::kInvalidValue);
}

}  // namespace

Result<void> checkPrivilegedAttributes(const Context& context,
                                       const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto ref = resolve(context, paths[i]);
    const std::string fault =
        ref ? std::string(faultOf(*ref)) : "is no attribute of users: " + ref.error().detail;
    if (fault.empty()) continue;
    return failure(ErrorKind::kInvalidValue,
                   "/privilegedAttributes/" + std::to_string(i) + ": '" + printable(paths[i], 200) +
                       "' " + fault,
                   "privilegedAttributes", "POL-1022");
  }
  return {};
}

Result<void> checkPrivilegedWrite(const Context& context, const Principal& principal,
                                  const Domain& domain, const json::Object& before,
                                  const json::Object& after) {
  const auto& paths = domain.policy.settings().privileged_attributes;
  if (paths.empty() || mayChangePrivileged(principal)) return {};
  for (const auto& path : paths) {
    auto ref = resolve(context, path);
    if (!ref) continue;
    // Where a changed schema file has made it multi-valued since.
    if (ref->attribute->multi_valued) ref->sub = nullptr;
    if (!isSame(scim::valueAt(before, *ref), scim::valueAt(after, *ref))) {
      return refuse(ref->text() + " is privileged: to change it", ref->text());
    }
  }
  return {};
}

bool mayChangeEveryGroup(const Principal& principal, const Domain& domain) {
  return !domain.policy.hasPrivilegedGroups() || mayChangePrivileged(principal);
}

Result<void> checkPrivilegedGroup(const Principal& principal, const Domain& domain,
                                  std::string_view name, std::string_view attribute) {
  if (mayChangeEveryGroup(principal, domain)) return {};
  if (!domain.policy.isPrivilegedGroup(name)) return {};
  return refuse(
      "the group \"" + printable(name, 64) + "\" is privileged: to change it, or who is in it,",
      attribute);
}

}  // namespace vestibule::directory
