#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/toml_document.h"
#include "jit/lint.h"

namespace vestibule::app {
namespace {

/// Tells what may not do what its author thinks; what was asked is done all the same.
void warn(Stack& stack, const std::string& name) {
  const auto catalog = stack.context().catalog->current();
  const auto provider = stack.identityProviders().find(*catalog, name);
  if (!provider) return;
  for (const auto& advice : jit::adviceOn(**provider, *catalog)) {
    std::printf("warning: %s: %s: %s (%s)\n", name.c_str(), advice.setting.c_str(),
                advice.text.c_str(), advice.code.c_str());
  }
}

int apply(Stack& stack, const std::vector<std::string>& files, bool json) {
  // Every file is read before the first is applied: a typing error in the last changes nothing.
  std::vector<json::Value> documents;
  for (const auto& file : files) {
    auto document = readDocument(file);
    if (!document) return printFailure(document.error());
    documents.push_back(*std::move(document));
  }
  std::vector<json::Object> done;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    auto applied = stack.identityProviders().apply(documents[i]);
    if (!applied) {
      // What was applied before stays, and is told.
      if (json) printTable(done, {}, true);
      applied.error().detail = files[i] + ": " + applied.error().detail;
      return printFailure(applied.error());
    }
    const json::Value document(std::move(applied->view.document));
    const std::string name(document.stringAt("name").value_or(""));
    if (json) {
      done.push_back(*document.object());
    } else {
      std::printf("%s: %s\n", name.c_str(), applied->created ? "created" : "settings applied");
      warn(stack, name);
    }
  }
  if (json) printTable(done, {}, true);
  return 0;
}

int list(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  for (auto& view : stack.identityProviders().list()) {
    if (!json) {
      const json::Value document(view.document);
      if (const auto* jit = document.find("jit")) {
        for (const char* key : {"isEnabled", "userstore", "scheme"}) {
          if (const auto* value = jit->find(key)) view.document.set(key, *value);
        }
      }
    }
    rows.push_back(std::move(view.document));
  }
  printTable(rows, {"name", "enabled", "isEnabled", "userstore", "scheme", "description"}, json);
  return 0;
}

int show(Stack& stack, const std::string& name) {
  auto view = stack.identityProviders().get(name);
  if (!view) return printFailure(view.error());
  // Always JSON: the document is what `apply` takes.
  printValue(view->document, true);
  return 0;
}

int remove(Stack& stack, const std::string& name) {
  auto removed = stack.identityProviders().remove(name);
  if (!removed) return printFailure(removed.error());
  std::printf("Identity provider %s is deleted; the users it provisioned stay.\n", name.c_str());
  return 0;
}

}  // namespace

void addIdentityProviderCommands(CLI::App& root, CommandLine& line) {
  auto* idp = root.add_subcommand("idp", "Identity providers whose users may be provisioned");
  idp->require_subcommand(1);
  auto files = std::make_shared<std::vector<std::string>>();
  auto name = std::make_shared<std::string>();

  auto* apply_command =
      idp->add_subcommand("apply", "Create or replace identity providers from JSON or TOML files");
  apply_command->add_option("file", *files, "One document a file")
      ->required()
      ->check(CLI::ExistingFile);
  line.on(*apply_command, [&line, files] {
    return line.withStack([&](Stack& stack) { return apply(stack, *files, line.json()); });
  });

  auto* list_command = idp->add_subcommand("list", "List identity providers");
  line.on(*list_command, [&line] {
    return line.withStack([&](Stack& stack) { return list(stack, line.json()); });
  });

  auto* show_command = idp->add_subcommand("show", "Print the settings document");
  show_command->add_option("name", *name, "Name of the identity provider")->required();
  line.on(*show_command, [&line, name] {
    return line.withStack([&](Stack& stack) { return show(stack, *name); });
  });

  auto* delete_command =
      idp->add_subcommand("delete", "Delete an identity provider and its federated identities");
  delete_command->add_option("name", *name, "Name of the identity provider")->required();
  line.on(*delete_command, [&line, name] {
    return line.withStack([&](Stack& stack) { return remove(stack, *name); });
  });
}

}  // namespace vestibule::app
