#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/toml_document.h"
#include "directory/token_issuers.h"

namespace vestibule::app {
namespace {

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  for (auto& view : directory::listTokenIssuers(stack.context())) {
    view.document.set("modified", formatTimestamp(view.modified));
    rows.push_back(std::move(view.document));
  }
  printTable(rows, {"name", "enabled", "issuer", "modified"}, json);
  return 0;
}

int show(Stack& stack, const std::string& name) {
  auto view = directory::findTokenIssuer(stack.context(), name);
  if (!view) return printFailure(view.error());
  printValue(view->document, true);
  return 0;
}

int apply(Stack& stack, const std::string& file, bool json) {
  auto document = readDocument(file);
  if (!document) return printFailure(document.error());
  auto applied = directory::applyTokenIssuer(stack.context(), *document);
  if (!applied) {
    applied.error().detail = file + ": " + applied.error().detail;
    return printFailure(applied.error());
  }
  printApplied(applied->view.document, applied->created, applied->view.version, json);
  return 0;
}

int remove(Stack& stack, const std::string& name) {
  auto removed = directory::removeTokenIssuer(stack.context(), name);
  if (!removed) return printFailure(removed.error());
  std::printf("Token issuer %s is deleted; its tokens are worth nothing now.\n", name.c_str());
  return 0;
}

}  // namespace

void addTokenIssuerCommands(Command root, CommandLine& line) {
  auto issuers = root.addGroup("token-issuer", "Whose access tokens (JWTs) are accepted");
  auto name = std::make_shared<std::string>();

  auto list_command = issuers.addSubcommand("list", "List token issuers");
  line.on(list_command, [&line] {
    return line.withStack([&](Stack& stack) { return list(stack, line.json()); });
  });

  auto show_command = issuers.addSubcommand("show", "Print the settings of a token issuer");
  show_command.addOption("name", *name, "Name of the token issuer").required();
  line.on(show_command, [&line, name] {
    return line.withStack([&](Stack& stack) { return show(stack, *name); });
  });

  auto apply_command =
      issuers.addSubcommand("apply", "Create or replace a token issuer from a JSON or TOML file");
  apply_command.addOption("file", *name, "The document").required().existingFile();
  line.on(apply_command, [&line, name] {
    return line.withStack([&](Stack& stack) { return apply(stack, *name, line.json()); });
  });

  auto remove_command = issuers.addSubcommand("remove", "Delete a token issuer");
  remove_command.addOption("name", *name, "Name of the token issuer").required();
  line.on(remove_command, [&line, name] {
    return line.withStack([&](Stack& stack) { return remove(stack, *name); });
  });
}

}  // namespace vestibule::app
