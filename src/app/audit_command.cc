#include <CLI/CLI.hpp>
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

void addAuditCommand(CLI::App& root, CommandLine& line) {
  auto* command =
      root.add_subcommand("audit", "What was decided and changed, newest first, without traces");
  auto filter = std::make_shared<directory::AuditFilter>();
  command->add_option("--correlation-id", filter->correlation_id, "Of this request");
  auto* user = command->add_option("--user", filter->user, "About the user with this id");
  command
      ->add_option("--resource", filter->resource, "About the user or other resource with this id")
      ->excludes(user);
  auto* provider = command->add_option("--identity-provider", filter->identity_provider,
                                       "About what this identity provider asserted");
  command->add_option("--subject", filter->subject, "About whom --identity-provider calls so")
      ->needs(provider);
  command->add_option("--action", filter->action,
                      "Such as jit.created, user.updated or identity.moved");
  command->add_option("--from", filter->from, "RFC 3339 date and time: from then on");
  command->add_option("--to", filter->to, "RFC 3339 date and time: before then");
  command->add_option("--count", filter->count, "At most so many, up to 1000 (default: 100)");
  command->add_option("--cursor", filter->cursor, "Go on where the page before ended");
  line.on(*command, [&line, filter] {
    return line.withStack([&](Stack& stack) { return list(stack, *filter, line.json()); });
  });
}

}  // namespace vestibule::app
