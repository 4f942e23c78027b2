#include "jit/mapping.h"

#include <algorithm>
#include <iterator>

#include "base/crypto.h"
#include "jit/codes.h"
#include "json/write.h"
#include "scim/patch/patch.h"
#include "scim/resource/validate.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "claims";

/// The claim's values as the target takes them: a list, or the first.
json::Value gathered(const AttributeTarget& target, std::vector<json::Value> values) {
  if (!target.takesList()) return std::move(values.front());
  return json::Value(
      json::Array(std::make_move_iterator(values.begin()), std::make_move_iterator(values.end())));
}

/// A value that cannot become the attribute's.
tl::unexpected<Error> misfit(const ClaimMapping& mapping, Error error, Trace& trace) {
  trace.add(kStep, mapping.target.text(), mapping.claim.text(), error.detail);
  error.detail = "claim '" + mapping.claim.text() + "': " + error.detail;
  return refusal(kInvalidAttribute, std::move(error));
}

/// True when some setting besides the mappings reads the claim.
bool readsBesides(const IdentityProvider& provider, const std::string& member) {
  const bool speaks_of_email = member == "email_verified";
  const auto condition_reads = [&](const Condition& condition) {
    return (condition.claim && condition.claim->reads(member)) ||
           (speaks_of_email && condition.verified_email);
  };
  const auto rule_reads = [&](const LinkRule& rule) {
    return rule.claim.reads(member) || (speaks_of_email && rule.verified_email);
  };
  const auto& [allow, deny] = provider.conditions;
  const auto& routing = provider.routing.rules;
  const auto& linking = provider.linking;
  return std::any_of(allow.begin(), allow.end(), condition_reads) ||
         std::any_of(deny.begin(), deny.end(), condition_reads) ||
         std::any_of(routing.begin(), routing.end(),
                     [&](const RoutingRule& rule) { return condition_reads(rule.condition); }) ||
         (linking.look_up && std::any_of(linking.rules.begin(), linking.rules.end(), rule_reads)) ||
         (speaks_of_email && provider.user_names.on_taken == NameTaken::kLink) ||
         (provider.user_names.pattern && provider.user_names.pattern->reads(member));
}

void traceDropped(const IdentityProvider& provider, const json::Object& claims, Trace& trace) {
  const auto is_read = [&](const std::string& member) {
    return (provider.user_id_claim && provider.user_id_claim->reads(member)) ||
           (provider.role_claim && provider.role_claim->reads(member)) ||
           readsBesides(provider, member) ||
           std::any_of(provider.mappings.begin(), provider.mappings.end(),
                       [&](const ClaimMapping& mapping) { return mapping.claim.reads(member); });
  };
  std::string names;
  std::size_t dropped = 0;
  for (const json::Member& member : claims) {
    if (is_read(member.key)) continue;
    ++dropped;
    if (names.size() < 200) names += (names.empty() ? "" : ", ") + member.key;
  }
  if (dropped > 0) {
    trace.add(kStep, "unmapped claims", names,
              std::to_string(dropped) + (dropped == 1 ? " claim" : " claims") + " dropped");
  }
}

/// What brings the mapped values into `base`, for a user who is `current` now.
std::vector<scim::PatchOperation> operationsOf(const MappedClaims& mapped, const json::Object& base,
                                               const json::Object& current) {
  std::vector<scim::PatchOperation> operations;
  operations.reserve(mapped.size());
  for (const MappedValue& entry : mapped) {
    const AttributeTarget& target = entry.mapping->target;
    const json::Value* value = entry.keeps ? target.valueIn(current) : nullptr;
    if (value == nullptr) value = &entry.value;
    if (value->isNull() && target.valueIn(base) == nullptr) continue;
    operations.push_back(target.operation(*value));
  }
  return operations;
}

/// The attributes that stay whatever the identity provider sends.
json::Object keptAttributes(const scim::Registry& registry, const scim::ResourceType& type,
                            const json::Object& current) {
  json::Object kept;
  const auto keep = [&](const scim::AttributeRef& ref) {
    if (const json::Value* value = scim::valueAt(current, ref)) scim::assignAt(kept, ref, *value);
  };
  keep({nullptr, false, registry.commonAttributes().find("externalId"), nullptr});
  for (const scim::Attribute& attribute : type.schema->attributes) {
    if (&attribute == type.naming_attribute || attribute.name == "active" ||
        attribute.mutability != scim::Mutability::kReadWrite) {
      keep({type.schema, false, &attribute, nullptr});
    }
  }
  for (const scim::SchemaExtension& extension : type.extensions) {
    for (const scim::Attribute& attribute : extension.schema->attributes) {
      if (attribute.mutability != scim::Mutability::kReadWrite) {
        keep({extension.schema, true, &attribute, nullptr});
      }
    }
  }
  return kept;
}

/// Puts the mapped values into `base` and makes the whole canonical.
Result<json::Object> applied(const scim::Registry& registry, const scim::ResourceType& type,
                             const json::Object& base, const MappedClaims& mapped,
                             const json::Object& current) {
  auto changed = scim::applyPatch(registry, type, base, operationsOf(mapped, base, current));
  if (!changed) return refusal(kInvalidAttribute, std::move(changed.error()));
  auto finished = scim::finish(registry, type, *std::move(changed));
  if (!finished) return refusal(kInvalidAttribute, std::move(finished.error()));
  return finished;
}

/// Whether a login of this kind looks at the mapping at all.
bool counts(const ClaimMapping& mapping, SyncRules rules, LoginKind kind) {
  return kind == LoginKind::kCreates || mapping.sync || rules.method != AttributeSync::kNone;
}

}  // namespace

Result<MappedClaims> mapClaims(const IdentityProvider& provider, SyncRules rules, LoginKind kind,
                               const json::Object& claims, Trace& trace) {
  MappedClaims mapped;
  if (kind != LoginKind::kCreates && !rules.update) return mapped;
  mapped.reserve(provider.mappings.size());
  TransformBudget budget;
  for (const ClaimMapping& mapping : provider.mappings) {
    const std::string& claim = mapping.claim.text();
    const std::string& attribute = mapping.target.text();
    if (!counts(mapping, rules, kind)) continue;
    if (mapping.sync == MappingSync::kImportOnce && kind == LoginKind::kLater) {
      trace.add(kStep, attribute, claim, "import-once: stays as it is");
      mapped.push_back({&mapping, json::Value(), true});
      continue;
    }
    const bool preserves = mapping.sync == MappingSync::kPreserveLocal;
    const ClaimValues found = mapping.claim.find(claims);
    if (found.elsewhere) {
      trace.add(kStep, attribute, claim, "is to be fetched elsewhere: a value that is there stays");
      mapped.push_back({&mapping, mapping.default_value.value_or(json::Value()), true});
      continue;
    }
    auto values = transformed(mapping.transforms, found.values, budget);
    if (!values) return misfit(mapping, std::move(values.error()), trace);
    if (values->empty()) {
      const std::string_view what = found.present ? "blank" : "absent";
      if (mapping.default_value) {
        trace.add(kStep, attribute, claim, std::string(what) + ": default");
        mapped.push_back({&mapping, *mapping.default_value, preserves});
      } else if (mapping.required) {
        trace.add(kStep, attribute, claim, std::string(what) + ": required, what is there stays");
        mapped.push_back({&mapping, json::Value(), true});
      } else if (found.present || mapping.sync == MappingSync::kOverride) {
        trace.add(kStep, attribute, claim,
                  std::string(what) + (preserves ? ": a value that is there stays" : ": no value"));
        mapped.push_back({&mapping, json::Value(), preserves});
      } else {
        trace.add(kStep, attribute, claim, what);
        if (mapping.sync) mapped.push_back({&mapping, json::Value(), true});
      }
      continue;
    }
    const bool some_left = !mapping.target.takesList() && values->size() > 1;
    auto value = mapping.target.convert(gathered(mapping.target, *std::move(values)));
    if (!value) return misfit(mapping, std::move(value.error()), trace);
    std::string outcome = mapping.transforms.empty() ? "mapped" : "transformed and mapped";
    if (some_left) outcome += ": the first of several";
    if (preserves) outcome += ": for a user without a value";
    trace.add(kStep, attribute, claim, outcome);
    mapped.push_back({&mapping, *std::move(value), preserves});
  }
  traceDropped(provider, claims, trace);
  return mapped;
}

Result<json::Object> newUserAttributes(const scim::Registry& registry,
                                       const scim::ResourceType& user_type,
                                       const std::string& user_name, const MappedClaims& mapped) {
  return applied(registry, user_type, json::Object{{user_type.naming_attribute->name, user_name}},
                 mapped, {});
}

Result<json::Object> syncedAttributes(const scim::Registry& registry,
                                      const scim::ResourceType& user_type, SyncRules rules,
                                      const json::Object& current, const MappedClaims& mapped) {
  if (!rules.update) return current;
  if (rules.method == AttributeSync::kOverrideAll) {
    return applied(registry, user_type, keptAttributes(registry, user_type, current), mapped,
                   current);
  }
  if (rules.method == AttributeSync::kNone && mapped.empty()) return current;
  return applied(registry, user_type, current, mapped, current);
}

std::string claimsDigest(const IdentityProvider& provider, const MappedClaims& mapped,
                         const WantedGroups& wanted, const std::vector<std::string>& group_ids,
                         std::uint64_t group_names, const json::Array& terms) {
  // A JSON array, written straight: every login makes it.
  std::string text = "[6," + std::to_string(provider.number) + ',' +
                     std::to_string(provider.version.value()) + ',';
  json::append(text, terms);
  text += ",[";
  for (const MappedValue& entry : mapped) {
    const auto& sync = entry.mapping->sync;
    if (sync ? sync == MappingSync::kImportOnce : provider.attribute_sync == AttributeSync::kNone) {
      continue;
    }
    text += text.back() == '[' ? "[" : ",[";
    json::appendString(text, entry.mapping->target.text());
    text += ',';
    json::append(text, entry.value);
    text += entry.keeps ? ",true]" : ",false]";
  }
  // "No groups" and "nothing about groups" are different news.
  text += wanted.stated ? "],[" : "],null";
  if (wanted.stated) {
    for (const WantedGroup& group : wanted.groups) {
      if (text.back() != '[') text += ',';
      json::appendString(text, group.key);
    }
    text += ']';
  }
  text += ",[";
  for (const std::string& id : group_ids) {
    if (text.back() != '[') text += ',';
    json::appendString(text, id);
  }
  const bool some_missing = group_ids.size() < wanted.groups.size();
  text += "]," + std::to_string(some_missing ? group_names : 0) + ']';
  return sha256(text);
}

}  // namespace vestibule::jit
