#include "feed/fan_out.h"

#include "base/crypto.h"
#include "directory/event_stream.h"

namespace vestibule::feed {
namespace {

constexpr std::size_t kIdBytes = 16;
/// Rows of the outbox in one transaction.
constexpr std::uint64_t kAtOnce = 200;

}  // namespace

std::vector<store::NewDelivery> plan(const directory::Catalog& catalog,
                                     const std::vector<store::OutboxEvent>& events) {
  std::vector<store::NewDelivery> deliveries;
  for (const auto& event : events) {
    for (const auto& stream : catalog.eventStreams()) {
      const auto kinds = stream->wanted(event.domain, event.kinds);
      if (kinds == 0) continue;
      deliveries.push_back({stream->number, randomBytes(kIdBytes), &event, kinds});
    }
  }
  return deliveries;
}

Result<store::FannedOut> fanOut(const directory::Context& context) {
  auto& database = *context.database;
  const auto catalog = context.catalog->current();
  auto fanned = database.write([&](store::Session& session) {
    return store::fanOut(
        session, database.controlSchema(), catalog->revision(), kAtOnce,
        [&](const auto& events) { return plan(*catalog, events); },
        [&](DomainNumber number) -> const store::DomainTables* {
          const auto* domain = catalog->findDomain(number);
          return domain == nullptr ? nullptr : &domain->tables();
        });
  });
  if (!fanned || *fanned != store::FannedOut::kStale) return fanned;
  if (auto refreshed = context.catalog->refresh(); !refreshed) return propagate(refreshed);
  return fanned;
}

}  // namespace vestibule::feed
