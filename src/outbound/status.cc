#include "outbound/status.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/clock.h"
#include "outbound/delivery.h"
#include "outbound/local_resource.h"
#include "outbound/targets.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {
namespace {

using directory::Context;
using store::LinkState;
using store::MarkState;

void addFault(json::Object& shown, const store::OutboundFault& fault) {
  if (fault.status) shown.set("httpStatus", unsigned{*fault.status});
  if (!fault.detail.empty()) shown.set("detail", fault.detail);
}

std::string_view stateOf(const store::OutboundStatus& status) {
  if (status.mark) {
    switch (status.mark->state) {
      case MarkState::kWaiting:
        return "waiting";
      case MarkState::kLeased:
        return "running";
      case MarkState::kFailed:
        return "failed";
    }
  }
  if (!status.link) return "absent";
  return status.link->state == LinkState::kActive ? "synchronised" : "left";
}

json::Object describe(const store::OutboundStatus& status) {
  json::Object shown{{"state", stateOf(status)}};
  if (status.link) {
    shown.set("remoteId", status.link->remote_id);
    shown.set("lastSent", formatTimestamp(status.link->sent));
  }
  if (!status.mark) return shown;
  shown.set("since", formatTimestamp(status.mark->since));
  shown.set("attempts", status.mark->attempts);
  if (status.mark->state == MarkState::kWaiting) {
    const auto due = std::max(status.mark->due_in, std::chrono::microseconds(0));
    shown.set("dueInSeconds", std::chrono::duration_cast<std::chrono::seconds>(due).count());
  }
  addFault(shown, status.mark->last);
  return shown;
}

Result<store::OutboundStatus> readStatus(const Context& context,
                                         const store::OutboundTargetRow& row,
                                         const ResourceId& id) {
  auto& database = *context.database;
  return database.read([&](store::Session& session) {
    return store::outboundStatus(session, database.controlSchema(), row.number, id);
  });
}

}  // namespace

Result<json::Object> describeResource(const Context& context, std::string_view target,
                                      const ResourceId& id) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto status = readStatus(context, *row, id);
  if (!status) return propagate(status);
  json::Object shown = describe(*status);
  shown.set("target", row->name);
  shown.set("resource", id.text());
  return shown;
}

Result<json::Object> describeTarget(const Context& context, std::string_view target) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto& database = *context.database;
  const auto control = database.controlSchema();
  auto links = database.read(
      [&](store::Session& session) { return store::countLinks(session, control, row->number); });
  if (!links) return propagate(links);
  auto marks = database.read(
      [&](store::Session& session) { return store::countOutbound(session, control); });
  if (!marks) return propagate(marks);
  std::uint64_t users = 0;
  std::uint64_t groups = 0;
  std::uint64_t left = 0;
  for (const auto& count : *links) {
    (count.kind == ResourceKind::kGroup ? groups : users) += count.active;
    left += count.left;
  }
  std::uint64_t waiting = 0;
  std::uint64_t failed = 0;
  std::chrono::microseconds oldest{0};
  for (const auto& count : *marks) {
    if (count.target != row->number) continue;
    if (count.state == MarkState::kFailed) {
      failed += count.number;
      continue;
    }
    waiting += count.number;
    oldest = std::max(oldest, count.oldest);
  }
  return json::Object{
      {"target", row->name},
      {"enabled", row->text.enabled},
      {"users", users},
      {"groups", groups},
      {"left", left},
      {"waiting", waiting},
      {"oldestSeconds", std::chrono::duration_cast<std::chrono::seconds>(oldest).count()},
      {"failed", failed}};
}

Result<json::Object> listFailed(const Context& context, std::string_view target,
                                const ResourceId& after, std::uint64_t count) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto& database = *context.database;
  auto failed = database.read([&](store::Session& session) {
    return store::listFailedOutbound(session, database.controlSchema(), row->number, after, count);
  });
  if (!failed) return propagate(failed);
  json::Array rows;
  for (const auto& one : *failed) {
    json::Object shown{{"resource", one.resource.text()},
                       {"type", one.resource.kind() == ResourceKind::kGroup ? "Group" : "User"},
                       {"attempts", one.attempts},
                       {"since", formatTimestamp(one.since)}};
    addFault(shown, one.fault);
    rows.emplace_back(std::move(shown));
  }
  json::Object page{{"failed", std::move(rows)}};
  if (failed->size() == count) page.set("next", failed->back().resource.text());
  return page;
}

Result<json::Object> explainUser(const Context& context, std::string_view target,
                                 const ResourceId& id) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto compiled = compileStored(context, *row);
  if (!compiled) return propagate(compiled);
  const BoundTarget bound{*row, *std::move(compiled)};
  auto status = readStatus(context, *row, id);
  if (!status) return propagate(status);
  std::optional<store::OutboundLink> link;
  if (status->link) {
    link =
        store::OutboundLink{status->link->remote_id, status->link->state, status->link->digest, {}};
  }
  const auto catalog = context.catalog->current();
  auto local = readUser(context, *catalog, bound, id);
  json::Object shown{{"target", row->name}, {"resource", id.text()}};
  if (!local) {
    if (local.error().kind != ErrorKind::kInvalidValue) return propagate(local);
    shown.set("inScope", true);
    shown.set("step", "none");
    shown.set("reason", "mapping: " + local.error().detail);
    return shown;
  }
  const auto step = stepOf(local->payload ? digestOf(*local->payload) : std::string(), link);
  shown.set("inScope", local->payload.has_value());
  shown.set("step", nameOf(step));
  if (!local->reason.empty()) shown.set("reason", local->reason);
  if (link) shown.set("remoteId", link->remote_id);
  if (local->payload) shown.set("user", *std::move(local->payload));
  if (step == Step::kRemove) shown.set("onRemoval", *bound.target.document.find("onRemoval"));
  json::Array groups;
  for (const auto& group : local->groups) groups.emplace_back(group.text());
  shown.set("groups", std::move(groups));
  return shown;
}

Result<std::uint64_t> retry(const Context& context, std::string_view target,
                            const std::optional<ResourceId>& id) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto& database = *context.database;
  return database.write([&](store::Session& session) {
    return store::retryOutbound(session, database.controlSchema(), row->number, id);
  });
}

Result<void> syncAll(const Context& context, std::string_view target) {
  const auto row = targetRow(context, target);
  if (!row) return tl::make_unexpected(row.error());
  auto& database = *context.database;
  return database.write([&](store::Session& session) {
    return store::markResync(session, database.controlSchema(), row->number);
  });
}

}  // namespace vestibule::outbound
