#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "directory/audit.h"

namespace vestibule::app {
namespace {

int list(Stack& stack, const directory::AuditFilter& filter, bool json) {
  auto found = directory::listAudit(stack.context(), filter);
  if (!found) return printFailure(found.error());
  std::vector<json::Object> rows;
  for (const auto& event : found->events) {
    auto row = directory::describeAuditEvent(event);
    if (!json) row.set("actor", event.actor_name);
    rows.push_back(std::move(row));
  }
  if (json) {
    json::Object body{{"events", json::Array(rows.begin(), rows.end())}};
    if (!found->cursor.empty()) body.set("cursor", found->cursor);
    printValue(body, true);
    return 0;
  }
  printTable(rows,
             {"at", "action", "code", "identityProvider", "subject", "domain", "target", "user",
              "resource", "actor", "correlationId"},
             false);
  if (!found->cursor.empty()) {
    static_cast<void>(std::fprintf(stderr, "There is more: --cursor %s\n", found->cursor.c_str()));
  }
  return 0;
}

}  // namespace

void addAuditCommand(Command root, CommandLine& line) {
  auto command =
      root.addSubcommand("audit", "What was decided and changed, newest first, without traces");
  auto filter = std::make_shared<directory::AuditFilter>();
  command.addOption("--correlation-id", filter->correlation_id, "Of this request");
  auto user = command.addOption("--user", filter->user, "About the user with this id");
  command.addOption("--resource", filter->resource, "About the user or other resource with this id")
      .excludes(user);
  auto provider = command.addOption("--identity-provider", filter->identity_provider,
                                    "About what this identity provider asserted");
  command.addOption("--subject", filter->subject, "About whom --identity-provider calls so")
      .needs(provider);
  command.addOption("--action", filter->action,
                    "Such as jit.created, user.updated or identity.moved");
  command.addOption("--from", filter->from, "RFC 3339 date and time: from then on");
  command.addOption("--to", filter->to, "RFC 3339 date and time: before then");
  command.addOption("--count", filter->count, "At most so many, up to 1000 (default: 100)");
  command.addOption("--cursor", filter->cursor, "Go on where the page before ended");
  line.on(command, [&line, filter](Stack& stack) { return list(stack, *filter, line.json()); });
}

}  // namespace vestibule::app
