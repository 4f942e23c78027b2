#pragma once
// Settings: by what a subject that is not known yet is found among the local users
// (associateLocalUser, accountLookupAttributeMappings).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jit/claims.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// What is done to the value of a claim before it is looked for.
enum class Normalizer : std::uint8_t {
  kTrim,          ///< no white space at the ends
  kLowercase,     ///< case folded
  kStripPlusTag,  ///< `bob+news@x.example` becomes `bob@x.example`
};

/// One row of accountLookupAttributeMappings.
struct LinkRule {
  ClaimPath claim;                      ///< federatedAttribute
  std::string local_attribute;          ///< the path in canonical spelling; answered by an index
  bool on_user_name = false;            ///< `local_attribute` is the user name
  bool on_email = false;                ///< either side speaks of e-mail
  bool verified_email = false;          ///< only with the claim `email_verified` true
  std::vector<Normalizer> normalizers;  ///< in the order they are applied
};

/// How local users are linked.
struct LinkSettings {
  bool look_up = false;             ///< associateLocalUser: the rules are tried
  bool allowed = true;              ///< jit.link: a match is linked; false: it is refused
  bool skip_without_match = false;  ///< skipJITForLookupFailure: no match ends in `skipped`
  std::vector<LinkRule> rules;      ///< in order; never empty: without rows, the e-mail claim is
                                    ///< compared with the user name
};

/// The attribute by which users are found. Error kInvalidValue saying why they cannot be: the path
/// is none of an attribute, users can change it of themselves, it is not text, no index answers it.
[[nodiscard]] Result<scim::AttributeRef> linkAttribute(const scim::Registry& registry,
                                                       const scim::ResourceType& user_type,
                                                       std::string_view path);

/// Rows that accountLookupAttributeMappings may have.
inline constexpr std::size_t kMaxLinkRules = 20;

/// Reads associateLocalUser, accountLookupAttributeMappings, skipJITForLookupFailure and link of
/// the section `jit`, and adds them to `canonical` with their defaults (`link` only where it is
/// stated: else it follows associateLocalUser). Refused in `fields`: a local attribute that no
/// index answers, one that users can change of themselves, settings that have no effect without
/// associateLocalUser.
[[nodiscard]] LinkSettings readLinkSettings(scim::Fields& fields, const scim::Registry& registry,
                                            const scim::ResourceType& user_type,
                                            json::Object& canonical);

}  // namespace vestibule::jit
