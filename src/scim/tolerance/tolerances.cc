#include "scim/tolerance/tolerances.h"

#include <algorithm>

#include "base/blanks.h"
#include "base/log.h"

namespace vestibule::scim {
namespace {

constexpr std::array<ToleranceInfo, kToleranceCount> kTable{{
    {Tolerance::kStringBooleans, "string_booleans",
     R"(the texts "true" and "false", in any case, where a boolean belongs)"},
    {Tolerance::kStringManager, "string_manager",
     "a text where an object with `value` belongs, such as the id of a manager"},
    {Tolerance::kDottedKeysInValue, "dotted_keys_in_value",
     "keys of a PATCH value without `path` that are paths themselves: `name.givenName`, "
     R"(`URN:attribute`, `emails[type eq "work"].value`)"},
    {Tolerance::kFilterAddCreates, "filter_add_creates",
     R"(`add` to `emails[type eq "work"].value` without such an e-mail makes one)"},
    {Tolerance::kFilterReplaceCreates, "filter_replace_creates",
     R"(`replace` of `emails[type eq "work"].value` without such an e-mail makes one)"},
    {Tolerance::kIgnoreReadonlyInPatchValue, "ignore_readonly_in_patch_value",
     "readOnly attributes that a PATCH value carries along (`id`, `meta`, `groups`, the `display` "
     "of "
     "a member) are ignored"},
    {Tolerance::kUnquotedFilterValues, "unquoted_filter_values",
     "values in filters without quotes: `externalId eq jyoung`, `active eq True`"},
    {Tolerance::kUnknownAttributes, "unknown_attributes",
     "attributes that no schema has are ignored in bodies and in PATCH values"},
    {Tolerance::kUnknownSchemaUris, "unknown_schema_uris",
     "URIs in `schemas` that are not of the resource type are ignored"},
    {Tolerance::kGroupPatch204, "group_patch_204",
     "PATCH of a group answers 204 without a body, unless `attributes` or `excludedAttributes` ask "
     "for one"},
    {Tolerance::kPutAbsentKeep, "put_absent_keep",
     "what a PUT leaves out, `members` too, keeps its value instead of losing it"},
    {Tolerance::kEmptyStringIsUnassigned, "empty_string_is_unassigned",
     R"(`""` means no value, as null does)"},
    {Tolerance::kParamNamesCaseInsensitive, "param_names_case_insensitive",
     "names of query parameters in any case, such as `startindex`"},
    {Tolerance::kLegacySchemaUris, "legacy_schema_uris",
     "schema URIs of SCIM drafts, such as `urn:scim:schemas:core:1.0`, for the current ones"},
    {Tolerance::kMembersReplaceAdds, "members_replace_adds",
     "`replace` of `members` adds the members listed and removes nobody"},
}};

constexpr Tolerances kDefault{
    Tolerance::kStringBooleans,          Tolerance::kStringManager,
    Tolerance::kDottedKeysInValue,       Tolerance::kFilterAddCreates,
    Tolerance::kFilterReplaceCreates,    Tolerance::kIgnoreReadonlyInPatchValue,
    Tolerance::kUnquotedFilterValues,    Tolerance::kUnknownAttributes,
    Tolerance::kUnknownSchemaUris,       Tolerance::kGroupPatch204,
    Tolerance::kEmptyStringIsUnassigned, Tolerance::kParamNamesCaseInsensitive,
    Tolerance::kLegacySchemaUris};

constexpr std::array<TolerancePreset, 4> kPresets{{
    {"strict", "RFC 7643 and RFC 7644 to the letter", {}},
    {"entra",
     "what Microsoft Entra ID needs",
     {Tolerance::kStringBooleans, Tolerance::kStringManager, Tolerance::kDottedKeysInValue,
      Tolerance::kFilterAddCreates, Tolerance::kFilterReplaceCreates,
      Tolerance::kUnquotedFilterValues, Tolerance::kUnknownAttributes,
      Tolerance::kUnknownSchemaUris, Tolerance::kGroupPatch204, Tolerance::kEmptyStringIsUnassigned,
      Tolerance::kParamNamesCaseInsensitive}},
    {"okta",
     "what Okta needs",
     {Tolerance::kIgnoreReadonlyInPatchValue, Tolerance::kUnknownAttributes,
      Tolerance::kGroupPatch204}},
    {"default",
     "all that is harmless: every tolerance but `put_absent_keep` and "
     "`members_replace_adds`",
     kDefault},
}};

constexpr bool inOrder() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].tolerance) != i) return false;
  }
  return true;
}
static_assert(inOrder(), "the table has the order of the enumeration");

template <typename Rows>
std::string namesIn(const Rows& rows) {
  std::string names;
  for (const auto& row : rows) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

tl::unexpected<Error> wrong(const std::string& detail) {
  return failure(ErrorKind::kInvalidValue, detail, "tolerances");
}

constexpr std::size_t kShown = 60;

}  // namespace

const std::array<ToleranceInfo, kToleranceCount>& toleranceTable() { return kTable; }

const std::array<TolerancePreset, 4>& tolerancePresets() { return kPresets; }

std::string_view nameOf(Tolerance tolerance) {
  return kTable.at(static_cast<std::size_t>(tolerance)).name;
}

Tolerances defaultTolerances() { return kDefault; }

std::vector<Tolerance> Tolerances::list() const {
  std::vector<Tolerance> all;
  for (const auto& row : kTable) {
    if (has(row.tolerance)) all.push_back(row.tolerance);
  }
  return all;
}

std::string Tolerances::names() const {
  std::string names;
  for (const Tolerance each : list()) {
    if (!names.empty()) names += ',';
    names += nameOf(each);
  }
  return names;
}

Result<Tolerances> parseTolerances(std::string_view specification) {
  if (specification.size() > kMaxToleranceSpecification) {
    return wrong("tolerances are named in " + std::to_string(kMaxToleranceSpecification) +
                 " bytes at most");
  }
  const auto comma = std::min(specification.find(','), specification.size());
  const auto start = trimmed(specification.substr(0, comma));
  const auto* preset =
      std::find_if(kPresets.begin(), kPresets.end(),
                   [&](const TolerancePreset& each) { return each.name == start; });
  if (preset == kPresets.end()) {
    return wrong("tolerances begin with the name of a preset (" + namesIn(kPresets) + "), not \"" +
                 printable(start, kShown) + "\"");
  }
  Tolerances tolerances = preset->tolerances;
  std::string_view rest = specification.substr(comma);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find(','), rest.size());
    const auto change = trimmed(rest.substr(0, end));
    rest.remove_prefix(end);
    const char sign = change.empty() ? '\0' : change.front();
    if (sign != '+' && sign != '-') {
      return wrong("behind the preset every tolerance has a + or a - before its name, unlike \"" +
                   printable(change, kShown) + "\"");
    }
    const auto name = change.substr(1);
    const auto* row = std::find_if(kTable.begin(), kTable.end(),
                                   [&](const ToleranceInfo& each) { return each.name == name; });
    if (row == kTable.end()) {
      return wrong("there is no tolerance \"" + printable(name, kShown) + "\": there are " +
                   namesIn(kTable));
    }
    if (sign == '+') {
      tolerances.add(row->tolerance);
    } else {
      tolerances.remove(row->tolerance);
    }
  }
  return tolerances;
}

}  // namespace vestibule::scim
