#include "app/settings_commands.h"

#include <cstdio>
#include <utility>

#include "app/command_output.h"
#include "app/toml_document.h"

namespace vestibule::app {
namespace {

int printAll(std::vector<directory::SettingsView> views, const std::vector<std::string>& columns,
             bool json) {
  std::vector<json::Object> rows;
  for (auto& view : views) {
    view.document.set("modified", formatTimestamp(view.modified));
    rows.push_back(std::move(view.document));
  }
  printTable(rows, columns, json);
  return 0;
}

int print(const Result<directory::SettingsView>& view) {
  if (!view) return printFailure(view.error());
  printValue(view->document, true);
  return 0;
}

int applyFile(Stack& stack, const directory::SettingsUseCases& settings, const std::string& file,
              bool json) {
  auto document = readDocument(file);
  if (!document) return printFailure(document.error());
  auto applied = settings.apply(stack.context(), *document, {}, directory::commandLine());
  if (!applied) {
    applied.error().detail = file + ": " + applied.error().detail;
    return printFailure(applied.error());
  }
  printApplied(applied->view.document, applied->created, applied->view.version, json);
  return 0;
}

}  // namespace

SettingsCommands::SettingsCommands(CommandLine& line, const directory::SettingsUseCases& settings,
                                   SettingsWords words)
    : line_(line), settings_(settings), words_(std::move(words)) {}

std::shared_ptr<std::string> SettingsCommands::nameOf(Command command) const {
  auto name = std::make_shared<std::string>();
  command.addOption(words_.argument, *name, words_.argument_help).required();
  return name;
}

void SettingsCommands::list(Command command) const {
  line_.on(command, [&line = line_, list = settings_.list, columns = words_.columns](Stack& stack) {
    return printAll(list(stack.context()), columns, line.json());
  });
}

void SettingsCommands::show(Command command) const {
  line_.on(command, [find = settings_.find, name = nameOf(command)](Stack& stack) {
    return print(find(stack.context(), *name));
  });
}

void SettingsCommands::apply(Command command) const {
  auto file = std::make_shared<std::string>();
  command.addOption("file", *file, "The document").required().existingFile();
  line_.on(command, [&line = line_, settings = settings_, file](Stack& stack) {
    return applyFile(stack, settings, *file, line.json());
  });
}

void SettingsCommands::remove(Command command) const {
  line_.on(command,
           [remove = settings_.remove, words = words_, name = nameOf(command)](Stack& stack) {
             const auto removed = remove(stack.context(), *name, {}, directory::commandLine());
             if (!removed) return printFailure(removed.error());
             std::printf("%s %s %s\n", words.kind.c_str(), name->c_str(), words.deleted.c_str());
             return 0;
           });
}

}  // namespace vestibule::app
