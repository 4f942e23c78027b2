#pragma once
// The catalog: domains with compiled policies, identity providers, consent purposes, tokens and
// event streams, as one immutable snapshot in memory, so that no request has to ask the database
// for them. A change is seen at once by the process that made it and within a second by every
// other.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "directory/principal.h"
#include "policy/domain_policy.h"
#include "store/control_store.h"
#include "store/database.h"

namespace vestibule::directory {

struct EventStream;
struct TokenIssuer;

inline constexpr std::string_view kPrimaryDomain = "PRIMARY";

/// A user store domain that can be used.
struct Domain {
  store::DomainRow row;
  policy::DomainPolicy policy;
  /// `CORP/`, or empty for PRIMARY: what stands before its names where several domains are shown.
  std::string naming_prefix;
  /// The enabled outbound targets that changes of the domain concern.
  std::vector<store::OutboundTargetNumber> outbound_targets;
  /// It is being moved to another installation or, as only PRIMARY can be here, restored: read, as
  /// long as its tables are there, and not written to until that is over. `row.state` says which.
  bool unsettled = false;
  /// Of requests that are about this domain, whichever catalog it is found in.
  std::shared_ptr<RequestRate> rate = std::make_shared<RequestRate>();

  [[nodiscard]] const DomainName& name() const { return row.name; }
  [[nodiscard]] const store::DomainTables& tables() const { return row.tables; }
};

/// Everything of one revision. Immutable, thread-safe.
class Catalog {
 public:
  /// Compiles what was read; what is remembered of tokens and domains goes on from `former`, the
  /// catalog before. A domain whose stored settings cannot be used any more stays visible
  /// but takes no writes, and is logged: one bad row must not stop every login. Of its settings it
  /// keeps what its names mean (CaseInsensitiveUsername).
  [[nodiscard]] static std::shared_ptr<const Catalog> build(store::ControlRows rows,
                                                            const Catalog* former = nullptr);

  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  /// The domain of this name in any ASCII case that is active or unsettled, or null.
  [[nodiscard]] const Domain* findDomain(std::string_view name) const;
  [[nodiscard]] const Domain* findDomain(DomainNumber number) const;
  [[nodiscard]] const Domain& primary() const;
  /// All domains that are active or unsettled, PRIMARY first, then by number.
  [[nodiscard]] const std::vector<std::unique_ptr<Domain>>& domains() const { return domains_; }
  /// Domains that were half made, half deleted or half restored when that stopped, and those that
  /// were moved to another installation; nothing but a deletion, or for those in state `creating`
  /// another creation and for `restoring` another restoring, can be done with them. PRIMARY is not
  /// among them.
  [[nodiscard]] const std::vector<store::DomainRow>& unfinishedDomains() const {
    return unfinished_domains_;
  }
  [[nodiscard]] const std::vector<store::IdentityProviderRow>& identityProviders() const {
    return identity_providers_;
  }
  /// The identity provider of exactly this name, or null.
  [[nodiscard]] const store::IdentityProviderRow* findIdentityProvider(std::string_view name) const;
  [[nodiscard]] const std::vector<store::ConsentPurposeRow>& consentPurposes() const {
    return consent_purposes_;
  }
  /// The consent purpose of exactly this name, or null.
  [[nodiscard]] const store::ConsentPurposeRow* findConsentPurpose(std::string_view name) const;
  [[nodiscard]] const std::vector<store::TokenRow>& tokens() const { return tokens_; }
  [[nodiscard]] const std::vector<store::TokenIssuerRow>& tokenIssuers() const {
    return token_issuers_;
  }
  [[nodiscard]] const std::vector<store::OutboundTargetRow>& outboundTargets() const {
    return outbound_targets_;
  }
  /// The outbound target of exactly this name, or null.
  [[nodiscard]] const store::OutboundTargetRow* findOutboundTarget(std::string_view name) const;
  /// The enabled issuer whose tokens have this `iss`; null when there is none, or its stored
  /// settings cannot be used any more.
  [[nodiscard]] std::shared_ptr<const TokenIssuer> findTokenIssuer(std::string_view issuer) const;
  [[nodiscard]] const std::vector<store::EventStreamRow>& eventStreamRows() const {
    return event_stream_rows_;
  }
  /// The event streams that can be used, those that are paused among them, by number.
  [[nodiscard]] const std::vector<std::shared_ptr<const EventStream>>& eventStreams() const {
    return event_streams_;
  }
  /// The event stream of exactly this name, or null.
  [[nodiscard]] std::shared_ptr<const EventStream> findEventStream(std::string_view name) const;
  /// True when a stream is to be told of one of these changes in the domain. O(streams).
  [[nodiscard]] bool wantsEvents(DomainNumber domain, store::ChangeKinds changes) const;
  /// When this process saw the token of this id used last; nothing when it has not.
  [[nodiscard]] std::optional<Timestamp> lastUse(const std::string& token_id) const;
  /// Who holds the token with this SHA-256 at `now`, also by the text that it had before a rotation
  /// as long as that serves; nothing when it is unknown, revoked or expired.
  [[nodiscard]] const Principal* findPrincipal(std::string_view token_sha256, Timestamp now) const;

 private:
  Catalog() = default;
  struct Holder {
    Principal principal;
    std::optional<Timestamp> expires;
  };
  std::uint64_t revision_ = 0;
  std::vector<std::unique_ptr<Domain>> domains_;
  std::vector<store::DomainRow> unfinished_domains_;
  std::vector<store::IdentityProviderRow> identity_providers_;
  std::vector<store::ConsentPurposeRow> consent_purposes_;
  std::vector<store::TokenRow> tokens_;
  std::vector<store::TokenIssuerRow> token_issuers_;
  std::vector<store::OutboundTargetRow> outbound_targets_;
  /// Those that are enabled and can be used.
  std::vector<std::shared_ptr<const TokenIssuer>> compiled_issuers_;
  std::vector<store::EventStreamRow> event_stream_rows_;
  std::vector<std::shared_ptr<const EventStream>> event_streams_;
  void addIssuer(const store::TokenIssuerRow& row);
  void addEventStream(const store::EventStreamRow& row);
  void addHolder(const store::TokenRow& token, const Catalog* former);

  std::unordered_map<std::string, Holder> holders_;
  std::unordered_map<std::string, std::shared_ptr<TokenActivity>> activities_;  ///< by token id
};

/// Keeps the current catalog. Thread-safe.
class CatalogWatch {
 public:
  /// Reads the catalog once. With `watch`, a thread asks for the revision every 500 ms and reads
  /// again when it changed.
  [[nodiscard]] static Result<std::unique_ptr<CatalogWatch>> start(store::Database& database,
                                                                   bool watch);
  ~CatalogWatch();
  CatalogWatch(const CatalogWatch&) = delete;
  CatalogWatch& operator=(const CatalogWatch&) = delete;

  [[nodiscard]] std::shared_ptr<const Catalog> current() const {
    return std::atomic_load(&catalog_);
  }
  /// Reads the catalog now: call after a change of one's own.
  [[nodiscard]] Result<void> refresh();

  /// Stores when tokens were used that have been since the last call; with `watch` the thread does
  /// so once a minute and at the end. What could not be stored is with the next call.
  [[nodiscard]] Result<void> noteTokenUses();

 private:
  explicit CatalogWatch(store::Database& database) : database_(database) {}
  void watch();

  store::Database& database_;
  std::shared_ptr<const Catalog> catalog_;
  std::mutex refresh_mutex_;
  std::mutex uses_mutex_;
  std::unordered_map<std::string, Timestamp> noted_uses_;  ///< by token id
  std::mutex stop_mutex_;
  std::condition_variable stop_signal_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vestibule::directory
