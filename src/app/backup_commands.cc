#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <utility>

#include "app/backup_file_reader.h"
#include "app/command_line.h"
#include "app/command_output.h"
#include "app/operator_error.h"
#include "app/part_file.h"
#include "base/clock.h"
#include "directory/author.h"
#include "directory/domains.h"
#include "json/write.h"
#include "policy/domain_policy.h"
#include "store/backup.h"
#include "store/backup_stream.h"
#include "store/migrations.h"
#include "store/restore.h"

namespace vestibule::app {
namespace {

/// What the commands are given.
struct BackupArguments {
  std::string file;
  std::vector<std::string> domains;
  std::string domain;
  bool replace = false;
};

/// What is told of a backup when it was made or read.
struct Summary {
  store::BackupHeader header;
  store::BackupEnd end;
  std::uint64_t bytes = 0;
  std::string checksum;
};

void progressLine(const std::string& line) {
  static_cast<void>(std::fprintf(stderr, "%s\n", line.c_str()));
}

json::Object describe(const std::string& file, const Summary& summary) {
  json::Array domains;
  for (const auto& domain : summary.header.domains) {
    std::uint64_t users = 0;
    std::uint64_t groups = 0;
    for (const auto& count : summary.end.tables) {
      if (!count.domain || count.domain->value() != domain.number) continue;
      if (count.table == "users") users = count.rows;
      if (count.table == "user_groups") groups = count.rows;
    }
    domains.emplace_back(json::Object{
        {"name", domain.name}, {"number", domain.number}, {"users", users}, {"groups", groups}});
  }
  return json::Object{{"file", file},
                      {"taken", formatTimestamp(summary.header.taken)},
                      {"everything", summary.header.whole},
                      {"domains", std::move(domains)},
                      {"rows", store::rowsOf(summary.end.tables)},
                      {"bytes", summary.bytes},
                      {"checksum", summary.checksum},
                      {"format", store::kBackupFormat},
                      {"vestibule", summary.header.program},
                      {"database", summary.header.database}};
}

/// For people, a domain a line; on standard error where standard output is the backup.
void print(const json::Object& summary, bool json, bool to_errors) {
  if (to_errors) {
    static_cast<void>(std::fprintf(stderr, "%s\n", json::write(summary).c_str()));
    return;
  }
  if (json) {
    printValue(summary, true);
    return;
  }
  auto plain = summary;
  json::Array names;
  for (const auto& domain : *summary.find("domains")->array()) {
    const auto number = [&](const char* key) { return domain.find(key)->number()->text; };
    names.emplace_back(*domain.find("name")->string() + " (" + number("users") + " users, " +
                       number("groups") + " groups)");
  }
  plain.set("domains", std::move(names));
  printValue(plain, false);
}

Result<std::vector<DomainName>> readNames(const std::vector<std::string>& texts) {
  std::vector<DomainName> names;
  for (const auto& text : texts) {
    auto name = directory::parseDomainName(text);
    if (!name) return propagate(name);
    names.push_back(*std::move(name));
  }
  return names;
}

/// The file that is meant: in a folder one that is called after the moment and the domains.
std::filesystem::path fileFor(const std::string& output, const std::vector<DomainName>& domains) {
  std::filesystem::path path = output;
  std::error_code fault;
  if (!std::filesystem::is_directory(path, fault)) return path;
  std::string name = "vestibule";
  for (const auto& domain : domains) name += "-" + domain.value();
  name += '-';
  constexpr std::size_t kToTheSecond = 19;
  for (const char c : formatTimestamp(now()).substr(0, kToTheSecond)) {
    if (c != '-' && c != ':') name += c;
  }
  return path / (name + "Z.backup");
}

int backup(Stack& stack, const BackupArguments& arguments, bool json) {
  auto names = readNames(arguments.domains);
  if (!names) return printFailure(names.error());
  if (arguments.file == "-" && ::isatty(STDOUT_FILENO) != 0) {
    return printFailure(
        operatorError(ErrorKind::kInvalidValue, "a backup is not written to a terminal"));
  }
  auto file = PartFile::open(fileFor(arguments.file, *names), PartFile::Existing::kKept);
  if (!file) return printFailure(file.error());
  store::BackupWriter writer([&](std::string_view bytes) { return file->write(bytes); });
  Summary summary;
  auto end = store::takeBackup(
      stack.database(), {*names, VESTIBULE_VERSION, false},
      [&](const store::BackupRecord& record) {
        if (const auto* header = std::get_if<store::BackupHeader>(&record)) {
          summary.header = *header;
        }
        return writer.take(record);
      },
      progressLine);
  if (!end) return printFailure(end.error());
  if (auto published = file->publish(); !published) return printFailure(published.error());
  summary.end = *std::move(end);
  summary.bytes = file->bytes();
  summary.checksum = writer.checksum();
  print(describe(file->path().string(), summary), json, arguments.file == "-");
  return 0;
}

/// Reads a backup to its end.
Result<Summary> readThrough(const std::string& name) {
  auto file = BackupFileReader::open(name);
  if (!file) return propagate(file);
  store::BackupReader reader([&](char* into, std::size_t size) { return file->read(into, size); });
  Summary summary;
  for (;;) {
    auto record = reader.next();
    if (!record) return propagate(record);
    if (!*record) break;
    if (auto* header = std::get_if<store::BackupHeader>(&**record)) {
      summary.header = std::move(*header);
    } else if (auto* end = std::get_if<store::BackupEnd>(&**record)) {
      summary.end = std::move(*end);
    }
  }
  summary.bytes = reader.bytes();
  summary.checksum = reader.checksum();
  return summary;
}

Error inFile(const Error& error, const std::string& file) {
  return operatorError(error.kind, file + ": " + operatorText(error));
}

int verify(const BackupArguments& arguments, bool json) {
  auto summary = readThrough(arguments.file);
  if (!summary) return printFailure(inFile(summary.error(), arguments.file));
  print(describe(arguments.file, *summary), json, false);
  return 0;
}

store::AuditEvent restoredEvent(const Summary& summary, std::string_view action,
                                std::string_view target) {
  auto event = directory::eventOf(directory::commandLine(), action, target, now());
  event.attributes = {"backup of " + formatTimestamp(summary.header.taken),
                      "sha256 " + summary.checksum};
  return event;
}

/// Restores from the file from its beginning.
template <typename Work>
auto withSource(const std::string& name, Work&& work)
    -> std::invoke_result_t<Work&, const store::BackupSource&> {
  auto file = BackupFileReader::open(name);
  if (!file) return propagate(file);
  store::BackupReader reader([&](char* into, std::size_t size) { return file->read(into, size); });
  return work([&] { return reader.next(); });
}

std::string primarySettings() {
  return json::write(policy::PolicySettings::primaryDefaults().toJson());
}

int restoreEverything(Stack& stack, const BackupArguments& arguments, const Summary& summary,
                      bool json) {
  auto end = withSource(arguments.file, [&](const store::BackupSource& source) {
    return store::restoreAll(stack.database(), stack.migrations(), primarySettings(), source,
                             restoredEvent(summary, "installation.restored", "everything"),
                             progressLine);
  });
  if (!end) return printFailure(end.error());
  print(describe(arguments.file, summary), json, false);
  return 0;
}

int restoreDomains(Stack& stack, const BackupArguments& arguments, const Summary& summary,
                   bool json) {
  std::vector<std::string> texts;
  if (!arguments.domain.empty()) {
    texts.push_back(arguments.domain);
  } else {
    for (const auto& domain : summary.header.domains) texts.push_back(domain.name);
  }
  auto names = readNames(texts);
  if (!names) return printFailure(names.error());
  json::Array restored;
  for (const auto& name : *names) {
    auto counts = withSource(arguments.file, [&](const store::BackupSource& source) {
      return store::restoreDomain(stack.database(), stack.migrations(), name, arguments.replace,
                                  source, restoredEvent(summary, "domain.restored", name.value()),
                                  progressLine);
    });
    if (!counts) return printFailure(counts.error());
    if (!json) {
      std::printf("Domain %s is restored: %llu rows.\n", name.value().c_str(),
                  static_cast<unsigned long long>(store::rowsOf(*counts)));
    }
    restored.emplace_back(json::Object{{"name", name.value()}, {"rows", store::rowsOf(*counts)}});
  }
  if (json) printValue(json::Object{{"domains", std::move(restored)}}, true);
  return 0;
}

int restore(CommandLine& line, const BackupArguments& arguments) {
  // All of it is read before anything is changed.
  auto summary = readThrough(arguments.file);
  if (!summary) return printFailure(inFile(summary.error(), arguments.file));
  if (summary->header.whole && arguments.domain.empty()) {
    return line.withBareStack(
        [&](Stack& stack) { return restoreEverything(stack, arguments, *summary, line.json()); },
        true);
  }
  return line.withStack(
      [&](Stack& stack) { return restoreDomains(stack, arguments, *summary, line.json()); });
}

}  // namespace

void addBackupCommands(Command root, CommandLine& line) {
  auto arguments = std::make_shared<BackupArguments>();
  auto make = root.addSubcommand(
      "backup", "Write everything, or single domains, into a file while servers go on");
  auto output = make.addOption(
      "--output", arguments->file,
      "The file, which must not be there; in a folder one called after the time; - is standard "
      "output");
  make.addOption("--domain", arguments->domains, "Only this domain (repeatable)");
  auto check = make.addSubcommand("verify", "Read a backup to its end, and say what it holds");
  check.addOption("file", arguments->file, "The backup").required();
  line.on(make, [&line, arguments, output, check] {
    if (check.given()) return verify(*arguments, line.json());
    if (!output.given()) {
      static_cast<void>(std::fprintf(stderr, "--output is required\n"));
      return 2;
    }
    return line.withStack([&](Stack& stack) { return backup(stack, *arguments, line.json()); });
  });

  auto back = root.addSubcommand(
      "restore", "Restore a backup: everything into an empty database, or domains beside others");
  back.addOption("file", arguments->file, "The backup").required();
  auto domain = back.addOption("--domain", arguments->domain, "Only this domain of the backup");
  back.addFlag("--replace", arguments->replace,
               "Restore over the domain as it is now, which is lost")
      .needs(domain);
  line.on(back, [&line, arguments] { return restore(line, *arguments); });
}

}  // namespace vestibule::app
