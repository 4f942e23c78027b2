#include "jit/link_rules.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/unicode.h"
#include "directory/self_service.h"
#include "jit/settings_reader.h"
#include "scim/path/attribute_path.h"

namespace vestibule::jit {
namespace {

using scim::Fields;

constexpr std::array<std::pair<std::string_view, Normalizer>, 3> kNormalizers{
    {{"trim", Normalizer::kTrim},
     {"lowercase", Normalizer::kLowercase},
     {"stripPlusTag", Normalizer::kStripPlusTag}}};

bool speaksOfEmail(std::string_view name) {
  return lowerAscii(name).find("mail") != std::string::npos;
}

/// What a rule compares with.
const scim::Attribute& comparedPart(const scim::AttributeRef& ref) {
  const scim::Attribute& target = ref.target();
  const scim::Attribute* value =
      target.type == scim::AttributeType::kComplex ? target.findSub("value") : nullptr;
  return value != nullptr ? *value : target;
}

std::vector<Normalizer> readNormalizers(Fields& fields, json::Array& names) {
  std::vector<Normalizer> normalizers;
  const std::vector<std::string> stated =
      fields.has("normalize") ? fields.texts("normalize") : std::vector<std::string>{"trim"};
  for (const std::string& name : stated) {
    const auto* known = std::find_if(kNormalizers.begin(), kNormalizers.end(),
                                     [&](const auto& entry) { return entry.first == name; });
    if (known == kNormalizers.end()) {
      fields.fail("normalize", "'" + name + "' is none of trim, lowercase, stripPlusTag");
      break;
    }
    normalizers.push_back(known->second);
    names.emplace_back(name);
  }
  return normalizers;
}

std::optional<LinkRule> readRule(Fields& fields, const scim::Registry& registry,
                                 const scim::ResourceType& user_type, json::Array& rows) {
  fields.allowOnly({"federatedAttribute", "localAttribute", "requireVerifiedEmail", "normalize"});
  auto claim = requiredClaim(fields, "federatedAttribute");
  const std::string path = fields.text("localAttribute");
  if (fields.error()) return std::nullopt;
  const auto ref = linkAttribute(registry, user_type, path);
  if (!ref) {
    fields.fail("localAttribute", ref.error().detail);
    return std::nullopt;
  }
  LinkRule rule;
  rule.claim = *std::move(claim);
  rule.local_attribute = ref->text();
  rule.on_user_name = ref->attribute == user_type.naming_attribute;
  rule.on_email = speaksOfEmail(rule.claim.text()) || speaksOfEmail(ref->attribute->name);
  rule.verified_email = fields.booleanOr("requireVerifiedEmail", rule.on_email);
  json::Array normalizers;
  rule.normalizers = readNormalizers(fields, normalizers);
  rows.emplace_back(json::Object{{"federatedAttribute", rule.claim.text()},
                                 {"localAttribute", rule.local_attribute},
                                 {"requireVerifiedEmail", rule.verified_email},
                                 {"normalize", std::move(normalizers)}});
  return rule;
}

/// What the reference product does when no rule is configured, with the condition it lacks.
LinkRule defaultRule(const scim::ResourceType& user_type) {
  LinkRule rule;
  rule.claim = *ClaimPath::compile("email");
  rule.local_attribute = user_type.naming_attribute->name;
  rule.on_user_name = rule.on_email = rule.verified_email = true;
  rule.normalizers = {Normalizer::kTrim};
  return rule;
}

}  // namespace

Result<scim::AttributeRef> linkAttribute(const scim::Registry& registry,
                                         const scim::ResourceType& user_type,
                                         std::string_view path) {
  auto ref = scim::resolveAttribute(registry, user_type, path, ErrorKind::kInvalidValue);
  if (!ref) return ref;
  const auto refuse = [&](const std::string& what, const std::string& why) {
    return failure(ErrorKind::kInvalidValue, what + why);
  };
  const scim::Attribute& attribute = *ref->attribute;
  if (ref->schema == user_type.schema && directory::isOwnAttribute(attribute.name)) {
    return refuse("users can change '" + attribute.name,
                  "' of themselves, and could make it somebody else's");
  }
  if (attribute.relation || attribute.credential) {
    return refuse("'" + ref->text(), "' is not something to find a user by");
  }
  const scim::Attribute& part = comparedPart(*ref);
  if (part.type != scim::AttributeType::kString && part.type != scim::AttributeType::kReference) {
    return refuse("'" + ref->text(), "' is not text");
  }
  const bool has_column = ref->schema == nullptr ? attribute.name == "externalId"
                                                 : &attribute == user_type.naming_attribute;
  if (!has_column && part.index == 0) {
    return refuse("no index answers '" + ref->text(),
                  "': it must be userName, externalId or an attribute with an index number");
  }
  return ref;
}

LinkSettings readLinkSettings(Fields& fields, const scim::Registry& registry,
                              const scim::ResourceType& user_type, json::Object& canonical) {
  LinkSettings settings;
  settings.look_up = fields.booleanOr("associateLocalUser", false);
  json::Array rows;
  readElements(fields, "accountLookupAttributeMappings", kMaxLinkRules,
               [&](Fields& row, const json::Object&) {
                 auto rule = readRule(row, registry, user_type, rows);
                 if (rule) settings.rules.push_back(*std::move(rule));
               });
  if (settings.rules.empty()) settings.rules.push_back(defaultRule(user_type));
  settings.skip_without_match = fields.booleanOr("skipJITForLookupFailure", false);
  if (settings.skip_without_match && !settings.look_up) {
    fields.fail("skipJITForLookupFailure",
                "true needs associateLocalUser true: without it nobody is looked for");
  }
  canonical.set("associateLocalUser", settings.look_up);
  canonical.set("accountLookupAttributeMappings", std::move(rows));
  canonical.set("skipJITForLookupFailure", settings.skip_without_match);
  if (fields.has("link")) {
    settings.allowed = fields.booleanOr("link", true);
    if (settings.allowed && !settings.look_up) {
      fields.fail("link", "true needs associateLocalUser true: without it nobody is looked for");
    }
    canonical.set("link", settings.allowed);
  }
  return settings;
}

}  // namespace vestibule::jit
