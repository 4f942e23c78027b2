#include "jit/consent_withdrawal.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/clock.h"
#include "jit/consent_receipt.h"
#include "json/parse.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/validate.h"

namespace vestibule::jit {
namespace {

using store::Consent;
using store::ConsentDecision;

bool maySee(const directory::Principal* principal, const ResourceId& user) {
  return principal == nullptr || principal->sees(user.domain());
}

std::string_view nameOf(Consent consent) {
  constexpr std::array<std::string_view, 3> kNames{"refused", "agreed", "withdrawn"};
  return kNames.at(static_cast<std::size_t>(consent));
}

const store::ConsentPurposeRow* rowOf(const directory::Catalog& catalog, PurposeNumber number) {
  const auto& rows = catalog.consentPurposes();
  const auto row =
      std::find_if(rows.begin(), rows.end(), [&](const auto& one) { return one.number == number; });
  return row == rows.end() ? nullptr : &*row;
}

Result<std::optional<store::StoredReceipt>> find(const directory::Context& context,
                                                 std::string_view id) {
  const auto parsed = parseReceiptId(id);
  if (!parsed) return std::optional<store::StoredReceipt>();
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::findReceipt(session, database.controlSchema(), *parsed);
  });
}

/// What withdrawals do to the attributes of one user.
class Withdrawal {
 public:
  Withdrawal(const directory::Context& context, const ConsentPurposes& purposes)
      : context_(context), purposes_(purposes), catalog_(context.catalog->current()) {}

  [[nodiscard]] Result<json::Object> apply(const json::Object& current,
                                           const directory::WithdrawnConsent& consent) const {
    json::Object attributes = current;
    for (const ConsentDecision& decision : consent.withdrawn) {
      auto what = onWithdrawalOf(decision);
      if (!what) return propagate(what);
      if (*what == OnWithdrawal::kDisableUser) {
        attributes.set("active", false);
      } else {
        removeValues(attributes, decision.attribute, consent.remaining);
      }
    }
    return attributes;
  }

 private:
  [[nodiscard]] Result<OnWithdrawal> onWithdrawalOf(const ConsentDecision& decision) const {
    const auto* row = rowOf(*catalog_, decision.purpose);
    if (row == nullptr) {
      return decision.attribute.empty() ? OnWithdrawal::kDisableUser : OnWithdrawal::kRemoveValues;
    }
    auto purpose = purposes_.find(*catalog_, row->name);
    if (!purpose) return propagate(purpose);
    // What was agreed to as a whole before the purpose named attributes has no values of its own.
    return decision.attribute.empty() ? OnWithdrawal::kDisableUser : (*purpose)->on_withdrawal;
  }

  [[nodiscard]] std::optional<scim::AttributeRef> placeOf(std::string_view path) const {
    auto place = scim::resolveAttribute(*context_.registry, *context_.user_type, path,
                                        ErrorKind::kInvalidPath);
    // What the schemas have lost since, no user has a value of.
    if (!place) return std::nullopt;
    return *place;
  }

  /// Takes away the values at the path, but for those that another purpose covers.
  void removeValues(json::Object& attributes, const std::string& text,
                    const std::vector<ConsentDecision>& remaining) const {
    const auto place = placeOf(text);
    if (!place) return;
    const ConsentPath path = ConsentPath::ofText(text);
    std::vector<std::pair<scim::AttributeRef, json::Value>> kept;
    for (const ConsentDecision& other : remaining) {
      if (other.consent != Consent::kAgreed || other.attribute.empty()) continue;
      const ConsentPath covered = ConsentPath::ofText(other.attribute);
      if (covered.contains(path)) return;
      if (!path.contains(covered)) continue;
      const auto part = placeOf(other.attribute);
      const json::Value* value = part ? scim::valueAt(attributes, *part) : nullptr;
      if (value != nullptr) kept.emplace_back(*part, *value);
    }
    scim::assignAt(attributes, *place, json::Value());
    for (auto& [part, value] : kept) scim::assignAt(attributes, part, std::move(value));
  }

  const directory::Context& context_;
  const ConsentPurposes& purposes_;
  std::shared_ptr<const directory::Catalog> catalog_;
};

}  // namespace

Result<store::StoredReceipt> getReceipt(const directory::Context& context,
                                        const directory::Principal* principal,
                                        std::string_view id) {
  auto receipt = find(context, id);
  if (!receipt) return propagate(receipt);
  if (!*receipt || !maySee(principal, (*receipt)->user)) {
    return failure(ErrorKind::kNotFound, "there is no such consent receipt");
  }
  return **std::move(receipt);
}

Result<std::vector<store::StoredReceipt>> listReceipts(const directory::Context& context,
                                                       const std::optional<ResourceId>& user,
                                                       std::string_view after,
                                                       std::uint64_t count) {
  store::ReceiptQuery query{user, {}, count};
  if (!after.empty()) {
    auto last = find(context, after);
    if (!last) return propagate(last);
    if (!*last) {
      return failure(ErrorKind::kInvalidValue, "after names a receipt that is gone", "after");
    }
    query.after = store::ReceiptPosition{(*last)->receipt.created, (*last)->receipt.id};
  }
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::listReceipts(session, database.controlSchema(), query);
  });
}

json::Object describe(const store::StoredReceipt& receipt) {
  json::Object shown{{"id", textOf(receipt.receipt.id)},
                     {"user", receipt.user.text()},
                     {"identityProvider", receipt.receipt.identity_provider},
                     {"state", receipt.revoked ? "revoked" : "active"},
                     {"created", formatTimestamp(receipt.receipt.created)}};
  if (receipt.revoked) shown.set("revoked", formatTimestamp(*receipt.revoked));
  auto document = json::parse(receipt.receipt.document);
  shown.set("receipt", document ? *std::move(document) : json::Value());
  return shown;
}

Result<std::vector<json::Object>> consentsOf(const directory::Context& context,
                                             const directory::Principal* principal,
                                             std::string_view user) {
  const auto none = [] { return failure(ErrorKind::kNotFound, "there is no such user"); };
  const auto id = ResourceId::parse(user);
  if (!id || id->kind() != ResourceKind::kUser || !maySee(principal, *id)) return none();
  const auto catalog = context.catalog->current();
  const auto* domain = catalog->findDomain(id->domain());
  if (domain == nullptr) return none();
  auto& database = *context.database;
  bool exists = false;
  auto stored =
      database.read([&](store::Session& session) -> Result<std::vector<store::StoredDecision>> {
        auto version = store::findUserVersion(session, domain->tables(), *id);
        if (!version) return propagate(version);
        exists = version->has_value();
        return store::findStoredDecisions(session, database.controlSchema(), *id);
      });
  if (!stored) return propagate(stored);
  if (!exists) return none();
  std::vector<json::Object> shown;
  for (const auto& [decision, receipt, decided] : *stored) {
    const auto* row = rowOf(*catalog, decision.purpose);
    shown.push_back({{"purpose", row == nullptr ? json::Value() : json::Value(row->name)},
                     {"version", std::uint64_t{decision.version}},
                     {"attribute", decision.attribute},
                     {"consent", nameOf(decision.consent)},
                     {"decided", formatTimestamp(decided)},
                     {"receipt", textOf(receipt)}});
  }
  return shown;
}

Result<bool> withdrawReceipt(const directory::Context& context, const ConsentPurposes& purposes,
                             std::string_view id, const directory::WithdrawalAuthor& author) {
  auto receipt = getReceipt(context, author.principal, id);
  if (!receipt) return propagate(receipt);
  const Withdrawal withdrawal(context, purposes);
  return directory::withdrawConsent(
      context, *receipt,
      [&](const json::Object& current, const directory::WithdrawnConsent& consent) {
        return withdrawal.apply(current, consent);
      },
      author);
}

}  // namespace vestibule::jit
