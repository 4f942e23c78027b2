#pragma once
// Another system that users and groups are provisioned to: its settings, ready for use.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "outbound/mapping.h"
#include "scim/filter/filter.h"

namespace vestibule::outbound {

/// How the target knows us.
enum class Authentication { kNone, kBearer, kBasic, kClientCredentials };
/// Where and as whom an access token is had (RFC 6749 §4.4).
struct TokenEndpoint {
  std::string url;
  std::string client_id;
  std::string scope;  ///< empty: none is asked for
};
/// By what a user that the target has already is found.
enum class Match { kUserName, kExternalId };
/// How a user that is linked is changed.
enum class UpdateBy { kPut, kPatch };
/// What happens at the target to who is deleted here or leaves the scope.
enum class OnRemoval { kDelete, kDeactivate, kLeave };

/// Whether requests that change a user wait for the target.
struct Blocking {
  bool enabled = false;
  std::chrono::seconds limit{5};
  bool failure_is_error = false;  ///< a request whose change was not sent in time fails
};

/// The settings of a target (docs/outbound.md has them all). Immutable; the registry of its context
/// must outlive it.
struct Target {
  std::string name;
  bool enabled = true;
  std::string base_url;  ///< without a slash at the end
  Authentication authentication = Authentication::kBearer;
  std::string user_name;         ///< with kBasic
  TokenEndpoint token_endpoint;  ///< with kClientCredentials
  std::string ca_file;
  std::vector<std::string> domain_names;  ///< as the document has them; empty: all
  std::optional<scim::BoundFilter> filter;
  std::vector<std::string> member_of;       ///< names of groups; empty: membership does not matter
  std::vector<std::string> member_of_keys;  ///< the same, folded
  std::vector<std::string> group_keys;      ///< folded names of the groups that are provisioned
  bool all_groups = false;
  Mapping mapping;
  Match match = Match::kUserName;
  UpdateBy update = UpdateBy::kPut;
  OnRemoval on_removal = OnRemoval::kDeactivate;
  std::chrono::seconds timeout{10};
  Blocking blocking;
  /// The settings in canonical form, with every default written out and without the secret.
  json::Object document;

  [[nodiscard]] bool sendsGroups() const { return all_groups || !group_keys.empty(); }
  /// Whether a group of this name is provisioned.
  [[nodiscard]] bool takesGroup(std::string_view display_name) const;
};

/// Settings and the secret that came with them; nothing: the one that is stored stays.
struct CompiledTarget {
  Target target;
  std::optional<std::string> secret;
};

/// Reads the settings of a target. Error kInvalidValue with a JSON pointer and the reason for the
/// first thing that is wrong, kInvalidSyntax for what is no object. Which domains there are is not
/// looked at.
[[nodiscard]] Result<CompiledTarget> compileTarget(const directory::Context& context,
                                                   const json::Value& document);

}  // namespace vestibule::outbound
