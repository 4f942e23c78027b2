#pragma once
// What every use case needs, and how a request looks at the domains.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "directory/catalog.h"
#include "directory/password_hasher.h"
#include "directory/principal.h"
#include "scim/resource/project.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"
#include "store/database.h"

namespace vestibule {
class Counter;
}

namespace vestibule::directory {

class CursorSeal;
class AccessTokens;
class FailedAttempts;
class RecentEvents;

/// Limits of the SCIM service that an operator may set.
struct ServiceLimits {
  std::uint64_t max_results = 200;                  ///< resources in one page
  std::uint64_t scan_limit = 10'000;                ///< rows read for a filter that no index serves
  std::size_t list_bytes = std::size_t{32} << 20U;  ///< text of the resources in one page
  std::uint64_t bulk_operations = 1'000;            ///< operations in one bulk request
  std::size_t bulk_payload_bytes = 1'048'576;       ///< bytes of one bulk request
};

/// The parts of the running server that use cases work with. All of them outlive it; all are
/// thread-safe.
struct Context {
  store::Database* database = nullptr;
  CatalogWatch* catalog = nullptr;
  PasswordHasher* password_hasher = nullptr;
  std::shared_ptr<const scim::Registry> registry;
  const scim::ResourceType* user_type = nullptr;
  const scim::ResourceType* group_type = nullptr;
  ServiceLimits limits;
  const CursorSeal* cursor_seal = nullptr;
  /// Remembers events that are not stored; null: nothing does.
  RecentEvents* recent_events = nullptr;
  /// Verifies access tokens of other issuers; null: none are accepted.
  AccessTokens* access_tokens = nullptr;
  /// Counts those who send tokens that are not valid; null: nothing does.
  FailedAttempts* failed_attempts = nullptr;
  /// Counts what guard-rails refuse (guard_rails.h); null: nothing does.
  Counter* guard_rail_refusals = nullptr;
  /// What requests may deviate in where neither their token nor their domain says anything.
  scim::Tolerances tolerances = scim::defaultTolerances();
};

/// How one request looks at the domains: which it may see, how names are written, and which
/// tolerances it is read with. Holds its catalog; the principal must outlive it. For one thread.
class View {
 public:
  /// `/scim/v2`: every domain the principal may see; names outside PRIMARY carry `DOMAIN/`. `only`
  /// narrows to one domain (`?domain=`). Error kInvalidValue when that domain does not exist or may
  /// not be seen.
  [[nodiscard]] static Result<View> overAllDomains(std::shared_ptr<const Catalog> catalog,
                                                   const Principal& principal, std::string base_url,
                                                   std::optional<std::string_view> only);
  /// `/domains/{DOMAIN}/scim/v2`: one domain, bare names. Error kNotFound when it does not exist or
  /// may not be seen.
  [[nodiscard]] static Result<View> ofDomain(std::shared_ptr<const Catalog> catalog,
                                             const Principal& principal, std::string base_url,
                                             std::string_view domain);

  /// Who asks.
  [[nodiscard]] const Principal& principal() const { return *principal_; }
  [[nodiscard]] const Catalog& catalog() const { return *catalog_; }
  /// The domains looked at, PRIMARY first.
  [[nodiscard]] std::vector<const Domain*> domains() const;
  /// The one domain that is looked at: that of the base URL or of `?domain=`, else the only one
  /// that the principal sees. Null when there are several.
  [[nodiscard]] const Domain* soleDomain() const;
  /// The domain an id belongs to when it is looked at, else null (an ordinary 404).
  [[nodiscard]] const Domain* domainOf(const ResourceId& id) const;
  /// The base URL that was asked, without a trailing slash: `meta.location` and `$ref` keep it.
  [[nodiscard]] const std::string& baseUrl() const { return base_url_; }
  /// What stands before names of the domain in this view.
  [[nodiscard]] std::string_view namingPrefix(const Domain& domain) const;

  /// A name as a client wrote it, split into the domain and the bare name.
  struct LocalName {
    const Domain* domain = nullptr;
    std::string name;
  };
  /// Splits a name; `attribute` is for the error text. Error kInvalidValue for an unknown domain,
  /// one that may not be seen, or one that the view leaves out.
  [[nodiscard]] Result<LocalName> resolveName(std::string_view name,
                                              std::string_view attribute) const;
  /// The domain of a new resource that has no name to say it: the one that is looked at, else
  /// PRIMARY. Error kInvalidValue when the principal does not see PRIMARY.
  [[nodiscard]] Result<const Domain*> domainOfUnnamed() const;

  /// By which id the request is found in log and audit; empty until `correlate` is called.
  [[nodiscard]] const std::string& correlationId() const { return correlation_id_; }
  void correlate(std::string correlation_id) { correlation_id_ = std::move(correlation_id); }

  /// With what the request is read: the tolerances of its token, else those of the one domain it
  /// looks at, else `otherwise`. Until this is called: the preset `default`.
  void chooseTolerances(scim::Tolerances otherwise);
  [[nodiscard]] scim::Tolerating tolerating() const { return {tolerances_, fired_.get()}; }
  /// The tolerances that made a difference so far.
  [[nodiscard]] scim::TolerancesFired fired() const { return *fired_; }

 private:
  View(std::shared_ptr<const Catalog> catalog, const Principal& principal, std::string base_url)
      : catalog_(std::move(catalog)), principal_(&principal), base_url_(std::move(base_url)) {}
  [[nodiscard]] bool shows(const Domain& domain) const;

  std::shared_ptr<const Catalog> catalog_;
  const Principal* principal_;
  const Domain* only_ = nullptr;
  std::string base_url_;
  bool bare_names_ = false;
  std::string correlation_id_;
  scim::Tolerances tolerances_ = scim::defaultTolerances();
  /// On the heap: what was handed out points here when the view moves.
  std::unique_ptr<scim::TolerancesFired> fired_ = std::make_unique<scim::TolerancesFired>();
};

/// If-Match and If-None-Match of a request (RFC 7644 §3.14; RFC 9110 §13.1). Tags are compared by
/// their opaque part.
struct Preconditions {
  bool has_if_match = false;
  bool if_match_any = false;  ///< `If-Match: *`
  std::vector<std::string> if_match;
  bool has_if_none_match = false;
  bool if_none_match_any = false;
  std::vector<std::string> if_none_match;

  /// Before a PUT, PATCH or DELETE of a resource that exists. Error kVersionMismatch when If-Match
  /// is there and does not name `version`, or If-None-Match does.
  [[nodiscard]] Result<void> checkWrite(Version version) const;
  /// True when If-None-Match names `version`: a client that reads has it already.
  [[nodiscard]] bool isNotModified(Version version) const;
};

/// A resource ready to be sent.
struct Rendered {
  std::string body;  ///< JSON text; empty when `not_modified`
  /// Gives what follows `body`, piece by piece, and an empty piece at the end; null when nothing
  /// follows. The context must outlive it.
  std::function<Result<std::string>()> rest;
  scim::ResourceMeta meta;
  std::string location;
  bool not_modified = false;
};

/// Error kReadOnly when the domain takes no writes; kUnavailable while it is unsettled.
[[nodiscard]] Result<void> requireWritable(const Domain& domain);
/// Error kInvalidValue of `attribute` for a name with a `/` in the PRIMARY domain, where that
/// divides domain and name. Every other domain takes it.
[[nodiscard]] Result<void> requireBareName(const Domain& domain, std::string_view name,
                                           const std::string& attribute);
/// Error kUnavailable while the domain is being moved to another installation, or PRIMARY restored.
[[nodiscard]] Result<void> requireSettled(const Domain& domain);

}  // namespace vestibule::directory
