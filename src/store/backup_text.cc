#include "store/backup_text.h"

#include <limits>
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "store/backup_stream.h"

namespace vestibule::store {
namespace {

/// Both of a header and of an end: one element of a list for each domain, table or migration.
constexpr json::Limits kLimits{24, 1'000, 20'000'000};

json::Array namesText(const std::vector<BackupName>& names) {
  json::Array array;
  for (const auto& name : names) {
    array.emplace_back(json::Object{{"number", name.number}, {"name", name.name}});
  }
  return array;
}

json::Array migrationsText(const std::vector<BackupMigration>& migrations) {
  json::Array array;
  for (const auto& migration : migrations) {
    array.emplace_back(json::Object{{"number", migration.number}, {"sha256", migration.sha256}});
  }
  return array;
}

json::Value domainText(const std::optional<DomainNumber>& domain) {
  return domain ? json::Value(unsigned{domain->value()}) : json::Value(nullptr);
}

/// Reads members of an object, and remembers whether all were there as wanted.
class Members {
 public:
  explicit Members(const json::Value& object) : object_(object) {}

  [[nodiscard]] bool good() const { return good_; }
  std::string text(std::string_view key) {
    const auto value = object_.stringAt(key);
    good_ = good_ && value;
    return std::string(value.value_or(""));
  }
  std::int64_t number(std::string_view key) {
    const auto* value = object_.find(key);
    const auto* number = value != nullptr ? value->number() : nullptr;
    const auto read = number != nullptr ? number->asInt64() : std::nullopt;
    good_ = good_ && read;
    return read.value_or(0);
  }
  std::uint64_t count(std::string_view key) {
    const auto value = number(key);
    good_ = good_ && value >= 0;
    return static_cast<std::uint64_t>(value);
  }
  bool flag(std::string_view key) {
    const auto value = object_.boolAt(key);
    good_ = good_ && value;
    return value.value_or(false);
  }
  std::optional<DomainNumber> domain() {
    const auto* value = object_.find("domain");
    if (value != nullptr && value->isNull()) return std::nullopt;
    const auto number = count("domain");
    good_ = good_ && number <= std::numeric_limits<std::uint16_t>::max();
    return DomainNumber(static_cast<std::uint16_t>(number));
  }
  /// Reads each element of a list by `read(Members&)`.
  template <typename Read>
  auto list(std::string_view key, Read&& read) {
    std::vector<std::invoke_result_t<Read&, Members&>> elements;
    const auto* value = object_.find(key);
    const auto* array = value != nullptr ? value->array() : nullptr;
    good_ = good_ && array != nullptr;
    if (array == nullptr) return elements;
    for (const auto& element : *array) {
      Members members(element);
      elements.push_back(read(members));
      good_ = good_ && members.good();
    }
    return elements;
  }
  std::vector<BackupName> names(std::string_view key) {
    return list(key, [](Members& of) { return BackupName{of.count("number"), of.text("name")}; });
  }
  std::vector<BackupMigration> migrations(std::string_view key) {
    return list(key, [](Members& of) {
      return BackupMigration{of.count("number"), of.text("sha256")};
    });
  }

 private:
  const json::Value& object_;
  bool good_ = true;
};

ColumnKind kindOf(const std::string& text) {
  for (const auto kind : {ColumnKind::kNumber, ColumnKind::kBytes}) {
    if (text == std::string(1, static_cast<char>(kind))) return kind;
  }
  return ColumnKind::kText;
}

}  // namespace

std::string textOf(const BackupHeader& header) {
  return json::write(json::Object{
      {"format", kBackupFormat},
      {"program", header.program},
      {"taken", header.taken},
      {"database", header.database},
      {"installation", header.installation},
      {"whole", header.whole},
      {"domains", namesText(header.domains)},
      {"identityProviders", namesText(header.identity_providers)},
      {"consentPurposes", namesText(header.consent_purposes)},
      {"controlMigrations", migrationsText(header.control_migrations)},
      {"domainMigrations", migrationsText(header.domain_migrations)},
  });
}

std::string textOf(const BackupTable& table) {
  json::Array columns;
  for (const auto& column : table.columns) {
    columns.emplace_back(json::Object{{"name", column.name},
                                      {"kind", std::string(1, static_cast<char>(column.kind))}});
  }
  return json::write(json::Object{{"domain", domainText(table.domain)},
                                  {"table", table.name},
                                  {"columns", std::move(columns)}});
}

std::string textOf(const BackupEnd& end) {
  json::Array tables;
  for (const auto& count : end.tables) {
    tables.emplace_back(json::Object{{"domain", domainText(count.domain)},
                                     {"table", count.table},
                                     {"rows", count.rows},
                                     {"sha256", count.sha256}});
  }
  return json::write(json::Object{{"tables", std::move(tables)}});
}

Result<std::optional<BackupHeader>> readHeader(std::string_view text) {
  const auto document = json::parse(text, kLimits);
  if (!document) return std::optional<BackupHeader>();
  Members members(*document);
  const auto format = members.count("format");
  if (members.good() && format > kBackupFormat) {
    return failure(ErrorKind::kInvalidValue,
                   "the backup has format " + std::to_string(format) +
                       ", and this program reads formats up to " + std::to_string(kBackupFormat) +
                       ": use the version of Vestibule that made it, " +
                       std::string(document->stringAt("program").value_or("a newer one")));
  }
  BackupHeader header;
  header.program = members.text("program");
  header.taken = members.number("taken");
  header.database = members.text("database");
  header.installation = members.text("installation");
  header.whole = members.flag("whole");
  header.domains = members.names("domains");
  header.identity_providers = members.names("identityProviders");
  header.consent_purposes = members.names("consentPurposes");
  header.control_migrations = members.migrations("controlMigrations");
  header.domain_migrations = members.migrations("domainMigrations");
  if (!members.good()) return std::optional<BackupHeader>();
  return header;
}

std::optional<BackupTable> readTable(std::string_view text) {
  const auto document = json::parse(text, kLimits);
  if (!document) return std::nullopt;
  Members members(*document);
  BackupTable table;
  table.domain = members.domain();
  table.name = members.text("table");
  table.columns = members.list("columns", [](Members& of) {
    return BackupColumn{of.text("name"), kindOf(of.text("kind"))};
  });
  if (!members.good() || table.columns.empty()) return std::nullopt;
  return table;
}

std::optional<BackupEnd> readEnd(std::string_view text) {
  const auto document = json::parse(text, kLimits);
  if (!document) return std::nullopt;
  Members members(*document);
  BackupEnd end;
  end.tables = members.list("tables", [](Members& of) {
    return BackupCount{of.domain(), of.text("table"), of.count("rows"), of.text("sha256")};
  });
  if (!members.good()) return std::nullopt;
  return end;
}

}  // namespace vestibule::store
