#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/toml_document.h"
#include "base/log.h"
#include "jit/lint.h"
#include "jit/wso2_import.h"

namespace vestibule::app {
namespace {

/// Bytes of a text of the source that are shown.
constexpr std::size_t kShown = 400;

void warn(const std::string& name, const std::vector<jit::Advice>& advice) {
  for (const auto& one : advice) {
    std::printf("warning: %s: %s: %s (%s)\n", name.c_str(), one.setting.c_str(), one.text.c_str(),
                one.code.c_str());
  }
}

/// Says what a save has done, and what may not do what its author thinks: that is saved all the
/// same.
void report(Stack& stack, const jit::AppliedIdentityProvider& applied) {
  const std::string& name = *applied.view.document.find("name")->string();
  std::printf("%s: %s\n", name.c_str(), applied.created ? "created" : "settings applied");
  // They have just been saved; what fails here is another change right after, told by its author's.
  if (const auto advice = stack.identityProviders().advice(applied.view.document)) {
    warn(name, *advice);
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
    if (json) {
      done.push_back(std::move(applied->view.document));
    } else {
      report(stack, *applied);
    }
  }
  if (json) printTable(done, {}, true);
  return 0;
}

/// What `idp import` was told.
struct ImportRequest {
  std::string file;
  jit::ImportOptions options;
  bool dry_run = false;
};

void printReport(const std::string& name, const jit::ImportedIdentityProvider& imported) {
  std::printf("%s: what became of it:\n", name.c_str());
  for (const auto& note : imported.notes) {
    std::printf("  %-7s  %s: %s\n", std::string(jit::nameOf(note.fate)).c_str(),
                printable(note.pointer, kShown).c_str(), printable(note.text, kShown).c_str());
  }
}

json::Object described(const jit::ImportedIdentityProvider& imported) {
  json::Array report;
  for (const auto& note : imported.notes) {
    report.emplace_back(json::Object{
        {"pointer", note.pointer}, {"fate", jit::nameOf(note.fate)}, {"text", note.text}});
  }
  return {{"settings", imported.settings}, {"report", std::move(report)}};
}

int refuse(const ImportRequest& request, Error error) {
  error.detail = request.file + ": " + error.detail;
  return printFailure(error);
}

int import(Stack& stack, const ImportRequest& request, bool json) {
  const auto document = readDocument(request.file);
  if (!document) return printFailure(document.error());
  const auto& context = stack.context();
  auto all = jit::importWso2(*context.registry, *context.user_type, *document, request.options);
  if (!all) return refuse(request, all.error());
  // The report comes first, whatever the save says: it is how one finds out what to change.
  json::Array shown;
  for (const auto& one : *all) {
    const std::string& name = *one.settings.find("name")->string();
    if (json) {
      shown.emplace_back(described(one));
    } else {
      printReport(name, one);
      if (request.dry_run) printValue(one.settings, true);
    }
  }
  if (json) printValue(shown, true);
  // All of them are checked before the first is saved.
  for (const auto& one : *all) {
    const auto advice = stack.identityProviders().advice(one.settings);
    if (!advice) return refuse(request, advice.error());
    if (request.dry_run && !json) warn(*one.settings.find("name")->string(), *advice);
  }
  if (request.dry_run) return 0;
  for (const auto& one : *all) {
    const auto applied = stack.identityProviders().apply(one.settings);
    if (!applied) return refuse(request, applied.error());
    if (!json) report(stack, *applied);
  }
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

int history(Stack& stack, const std::string& name, std::uint64_t version, bool json) {
  if (version != 0) {
    const auto settings = stack.identityProviders().settingsOf(name, Version(version));
    if (!settings) return printFailure(settings.error());
    printValue(*settings, true);
    return 0;
  }
  const auto versions = stack.identityProviders().history(name);
  if (!versions) return printFailure(versions.error());
  std::vector<json::Object> rows;
  for (const auto& one : *versions) rows.push_back(jit::describe(one));
  printTable(rows, {"version", "changed", "by", "deleted"}, json);
  return 0;
}

int rollBack(Stack& stack, const std::string& name, std::uint64_t version, bool json) {
  const auto applied = stack.identityProviders().rollBack(name, Version(version));
  if (!applied) return printFailure(applied.error());
  if (json) {
    printValue(applied->view.document, true);
  } else {
    report(stack, *applied);
  }
  return 0;
}

int remove(Stack& stack, const std::string& name) {
  auto removed = stack.identityProviders().remove(name);
  if (!removed) return printFailure(removed.error());
  std::printf("Identity provider %s is deleted; the users it provisioned stay.\n", name.c_str());
  return 0;
}

}  // namespace

void addIdentityProviderCommands(Command root, CommandLine& line) {
  auto idp = root.addGroup("idp", "Identity providers whose users may be provisioned");
  auto files = std::make_shared<std::vector<std::string>>();
  auto name = std::make_shared<std::string>();

  auto apply_command =
      idp.addSubcommand("apply", "Create or replace identity providers from JSON or TOML files");
  apply_command.addOption("file", *files, "One document a file").required().existingFile();
  line.on(apply_command,
          [&line, files](Stack& stack) { return apply(stack, *files, line.json()); });

  auto request = std::make_shared<ImportRequest>();
  auto import_command = idp.addSubcommand(
      "import",
      "Create or replace identity providers from what WSO2 Identity Server's REST API "
      "shows of them, and say what became of each setting");
  import_command.addOption("file", request->file, "One identity provider, an array, or a list")
      .required()
      .existingFile();
  import_command.addOption("--name", request->options.name, "What it is called here");
  import_command.addOption("--scheme", request->options.scheme,
                           "jit.scheme here, in place of a prompt that cannot be shown");
  import_command.addFlag("--dry-run", request->dry_run,
                         "Check and print the settings, and save nothing");
  line.on(import_command,
          [&line, request](Stack& stack) { return import(stack, *request, line.json()); });

  auto list_command = idp.addSubcommand("list", "List identity providers");
  line.on(list_command, [&line](Stack& stack) { return list(stack, line.json()); });

  auto show_command = idp.addSubcommand("show", "Print the settings document");
  show_command.addOption("name", *name, "Name of the identity provider").required();
  line.on(show_command, [name](Stack& stack) { return show(stack, *name); });

  auto version = std::make_shared<std::uint64_t>(0);
  auto history_command =
      idp.addSubcommand("history", "List the versions of the settings, or print one of them");
  history_command.addOption("name", *name, "Name of the identity provider").required();
  history_command.addOption("version", *version, "The version to print").positive();
  line.on(history_command, [&line, name, version](Stack& stack) {
    return history(stack, *name, *version, line.json());
  });

  auto rollback_command =
      idp.addSubcommand("rollback", "Apply the settings of an earlier version again");
  rollback_command.addOption("name", *name, "Name of the identity provider").required();
  rollback_command.addOption("version", *version, "A version of its history").required().positive();
  line.on(rollback_command, [&line, name, version](Stack& stack) {
    return rollBack(stack, *name, *version, line.json());
  });

  auto delete_command =
      idp.addSubcommand("delete", "Delete an identity provider and its federated identities");
  delete_command.addOption("name", *name, "Name of the identity provider").required();
  line.on(delete_command, [name](Stack& stack) { return remove(stack, *name); });
}

}  // namespace vestibule::app
