#include "feed/event_keys.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/crypto.h"
#include "store/event_key_store.h"

namespace vestibule::feed {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr Timestamp kLead = std::chrono::microseconds(kKeyLead).count();

Result<std::vector<store::EventKeyRow>> readRows(store::Database& database) {
  return database.read([&](store::Session& session) {
    return store::readEventKeys(session, database.controlSchema());
  });
}

/// The rows, of which there is one at least.
Result<std::vector<store::EventKeyRow>> rowsOrFirst(store::Database& database) {
  auto rows = readRows(database);
  if (!rows || !rows->empty()) return rows;
  const std::string secret = randomBytes(kSecretBytes);
  auto added = database.write([&](store::Session& session) {
    return store::addFirstEventKey(session, database.controlSchema(), secret, now());
  });
  if (!added) return propagate(added);
  rows = readRows(database);
  if (rows && rows->empty()) return internalFailure("the key of events was not stored");
  return rows;
}

}  // namespace

const jose::SigningKey& KeyRing::signing(Timestamp moment) const {
  const auto known = std::find_if(keys.rbegin(), keys.rend(),
                                  [&](const Key& key) { return key.created <= moment - kLead; });
  return known != keys.rend() ? known->key : keys.front().key;
}

json::Object KeyRing::keySet() const {
  json::Array all;
  std::transform(keys.rbegin(), keys.rend(), std::back_inserter(all),
                 [](const auto& key) { return json::Value(key.key.jwk()); });
  return {{"keys", std::move(all)}};
}

Result<std::shared_ptr<const KeyRing>> EventKeys::current() {
  const std::uint64_t revision = context_.catalog->current()->revision();
  const std::lock_guard lock(mutex_);
  if (ring_ != nullptr && revision_ == revision) return ring_;
  auto rows = rowsOrFirst(*context_.database);
  if (!rows) return propagate(rows);
  auto ring = std::make_shared<KeyRing>();
  for (const auto& row : *rows) {
    auto key = jose::SigningKey::fromSecret(row.secret);
    if (!key) return propagate(key);
    ring->keys.push_back({*std::move(key), row.created});
  }
  revision_ = revision;
  ring_ = std::move(ring);
  return ring_;
}

Result<void> rotateEventKey(const directory::Context& context, KeyRotation rotation,
                            const directory::Author& author) {
  auto& database = *context.database;
  const std::string secret = randomBytes(kSecretBytes);
  const auto event = directory::eventOf(author, "event-key.rotated", "", now());
  std::optional<Timestamp> signs;
  if (rotation == KeyRotation::kOverlapping) signs = event.occurred - kLead;
  auto rotated = database.write([&](store::Session& session) {
    return store::rotateEventKey(session, database.controlSchema(), secret, signs, event);
  });
  if (!rotated) return rotated;
  return context.catalog->refresh();
}

}  // namespace vestibule::feed
