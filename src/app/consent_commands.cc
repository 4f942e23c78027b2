#include <cstdio>

#include "app/command_line.h"
#include "app/command_output.h"
#include "app/toml_document.h"
#include "jit/consent_receipt.h"
#include "jit/consent_withdrawal.h"

namespace vestibule::app {
namespace {

/// As many receipts as are read at once.
constexpr std::uint64_t kPage = 1'000;

int listPurposes(Stack& stack, bool json) {
  std::vector<json::Object> rows;
  for (auto& view : stack.consentPurposes().list()) {
    if (json) {
      rows.push_back(std::move(view.document));
      continue;
    }
    const json::Value* attributes = view.document.find("attributes");
    std::string names;
    if (attributes != nullptr && attributes->array() != nullptr) {
      for (const auto& one : *attributes->array()) {
        names += names.empty() ? "" : " ";
        names += one.stringAt("attribute").value_or("");
      }
    }
    rows.push_back({{"name", *view.document.find("name")},
                    {"version", view.version.value()},
                    {"attributes", names},
                    {"modified", formatTimestamp(view.modified)}});
  }
  printTable(rows, {"name", "version", "attributes", "modified"}, json);
  return 0;
}

int showPurpose(Stack& stack, const std::string& name) {
  auto view = stack.consentPurposes().get(name);
  if (!view) return printFailure(view.error());
  printValue(view->document, true);
  return 0;
}

int showVersions(Stack& stack, const std::string& name, bool json) {
  const auto versions = stack.consentPurposes().versions(name);
  if (!versions) return printFailure(versions.error());
  std::vector<json::Object> rows;
  for (const auto& version : *versions) rows.push_back(jit::describe(version));
  printTable(rows, {"version", "changed", "by", "asksAgain"}, json);
  return 0;
}

struct ApplyArguments {
  std::string file;
  bool editorial = false;
};

int applyPurpose(Stack& stack, const ApplyArguments& arguments, bool json) {
  auto document = readDocument(arguments.file);
  if (!document) return printFailure(document.error());
  jit::PurposeChange change;
  change.editorial = arguments.editorial;
  auto applied = stack.consentPurposes().apply(*document, change);
  if (!applied) {
    applied.error().detail = arguments.file + ": " + applied.error().detail;
    return printFailure(applied.error());
  }
  printApplied(applied->view.document, applied->created, applied->view.version, json);
  return 0;
}

int removePurpose(Stack& stack, const std::string& name) {
  auto removed = stack.consentPurposes().remove(name);
  if (!removed) return printFailure(removed.error());
  std::printf("Consent purpose %s is deleted.\n", name.c_str());
  return 0;
}

int listReceipts(Stack& stack, const std::string& user, bool json) {
  const auto id = ResourceId::parse(user);
  if (!id || id->kind() != ResourceKind::kUser) {
    return printFailure(Error{ErrorKind::kInvalidValue, "this is no id of a user", {}, {}, {}});
  }
  std::vector<json::Object> rows;
  for (std::string after;;) {
    auto page = jit::listReceipts(stack.context(), id, after, kPage);
    if (!page) return printFailure(page.error());
    for (const auto& receipt : *page) rows.push_back(jit::describe(receipt));
    if (page->size() < kPage) break;
    after = jit::textOf(page->back().receipt.id);
  }
  printTable(rows, {"id", "identityProvider", "state", "created", "revoked"}, json);
  return 0;
}

int showReceipt(Stack& stack, const std::string& id, bool json) {
  auto receipt = jit::getReceipt(stack.context(), nullptr, id);
  if (!receipt) return printFailure(receipt.error());
  printValue(jit::describe(*receipt), json);
  return 0;
}

int showConsents(Stack& stack, const std::string& user, bool json) {
  auto consents = jit::consentsOf(stack.context(), nullptr, user);
  if (!consents) return printFailure(consents.error());
  printTable(*consents, {"purpose", "version", "attribute", "consent", "decided", "receipt"}, json);
  return 0;
}

int withdraw(Stack& stack, const std::string& id) {
  auto withdrawn = jit::withdrawReceipt(stack.context(), stack.consentPurposes(), id, {});
  if (!withdrawn) return printFailure(withdrawn.error());
  std::printf(*withdrawn ? "Consent receipt %s is withdrawn.\n"
                         : "Consent receipt %s was withdrawn before.\n",
              id.c_str());
  return 0;
}

void addPurposeCommands(Command consent, CommandLine& line) {
  auto purposes = consent.addGroup("purposes", "What people are asked to agree to");
  auto name = std::make_shared<std::string>();
  const auto named = [&](const char* command, const char* meaning) {
    auto added = purposes.addSubcommand(command, meaning);
    added.addOption("name", *name, "Name of the purpose").required();
    return added;
  };

  auto list_command = purposes.addSubcommand("list", "List purposes");
  line.on(list_command, [&line](Stack& stack) { return listPurposes(stack, line.json()); });
  line.on(named("show", "Print the settings document"),
          [name](Stack& stack) { return showPurpose(stack, *name); });
  line.on(named("versions", "List all versions"),
          [&line, name](Stack& stack) { return showVersions(stack, *name, line.json()); });
  auto arguments = std::make_shared<ApplyArguments>();
  auto apply_command =
      purposes.addSubcommand("apply", "Create or replace a purpose from a JSON or TOML file");
  apply_command.addOption("file", arguments->file, "The document").required().existingFile();
  apply_command.addFlag("--editorial", arguments->editorial,
                        "Ask nobody again because texts have changed");
  line.on(apply_command, [&line, arguments](Stack& stack) {
    return applyPurpose(stack, *arguments, line.json());
  });
  line.on(named("remove", "Delete a purpose that no identity provider asks for"),
          [name](Stack& stack) { return removePurpose(stack, *name); });
}

}  // namespace

void addConsentCommands(Command root, CommandLine& line) {
  auto consent = root.addGroup("consent", "What people agreed to");
  addPurposeCommands(consent, line);
  auto id = std::make_shared<std::string>();
  const auto of = [&](const char* command, const char* meaning, const char* whose) {
    auto added = consent.addSubcommand(command, meaning);
    added.addOption("id", *id, whose).required();
    return added;
  };

  line.on(of("receipts", "List the receipts of a user", "Id of the user"),
          [&line, id](Stack& stack) { return listReceipts(stack, *id, line.json()); });
  line.on(of("receipt", "Show a receipt", "Its id"),
          [&line, id](Stack& stack) { return showReceipt(stack, *id, line.json()); });
  line.on(of("decisions", "List what a user agreed to and refused", "Id of the user"),
          [&line, id](Stack& stack) { return showConsents(stack, *id, line.json()); });
  line.on(of("withdraw", "Withdraw what was agreed to by a receipt", "Id of the receipt"),
          [id](Stack& stack) { return withdraw(stack, *id); });
}

}  // namespace vestibule::app
