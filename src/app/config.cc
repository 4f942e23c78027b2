#include "app/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <numeric>
#include <sstream>
#include <string_view>
#include <vector>

#include "app/config_keys.h"
#include "app/operator_error.h"
#include "base/log.h"
#include "base/unicode.h"

namespace vestibule::app {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kVariablePrefix = "VESTIBULE_";
constexpr const char* kFileVariable = "VESTIBULE_CONFIG";
constexpr const char* kLocalFile = "vestibule.toml";
constexpr const char* kSystemFile = "/etc/vestibule/vestibule.toml";
constexpr std::streamsize kLargestFile = 1 << 20;

/// What `scripts/run --ephemeral` prints for others to export, and what looks like keys of a
/// section.
constexpr std::array<std::string_view, 2> kOtherVariables = {"VESTIBULE_SCIM_URL",
                                                             "VESTIBULE_SCIM_TOKEN"};

/// How many single-character changes make one text the other.
std::size_t distanceBetween(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// "; did you mean …?" where a known name is close enough.
template <typename NameOf>
std::string suggestion(const std::string& unknown, NameOf name_of) {
  constexpr std::size_t kClose = 3;
  if (unknown.size() > 100) return "";
  std::string best;
  std::size_t best_distance = kClose + 1;
  for (const auto& key : configKeys()) {
    const std::string name = name_of(key);
    const std::size_t distance = distanceBetween(unknown, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return best.empty() ? "" : fmt::format("; did you mean {}?", best);
}

/// True when an unknown variable is likely a mistake: it begins like those of a section, or is
/// close to a key outside of them. Others are somebody else's: Kubernetes sets
/// VESTIBULE_SERVICE_HOST and VESTIBULE_PORT for a service named `vestibule`.
bool meansConfiguration(const std::string& variable) {
  return std::any_of(configKeys().begin(), configKeys().end(), [&](const ConfigKey& key) {
    if (key.section.empty()) return distanceBetween(variable, key.variable()) <= 2;
    return variable.rfind("VESTIBULE_" + upperAscii(key.section) + "_", 0) == 0;
  });
}

/// Puts values into a Config, and collects what is wrong with them.
class Loader {
 public:
  void readFile(const fs::path& file);
  void readEnvironment(const Environment& environment);
  void checkTogether();

  [[nodiscard]] Result<Config> finish() && {
    if (complaints_.empty()) return std::move(config_);
    return operatorFailure(kind_, fmt::format("{}", fmt::join(complaints_, "\n")));
  }

 private:
  void readTable(const toml::table& table, const std::string& section);
  void readNode(const ConfigKey& key, const toml::node& node);
  void complain(const std::string& where, const std::string& what) {
    complaints_.push_back(where.empty() ? what : fmt::format("{}: {}", where, what));
  }
  [[nodiscard]] std::string at(const toml::node& node) const {
    return fmt::format("{}:{}", config_.file.string(), node.source().begin.line);
  }

  void setNumber(const ConfigKey& key, std::int64_t number, const std::string& where);
  void setText(const ConfigKey& key, const std::string& text, const fs::path& base,
               const std::string& where);
  void setOptions(const ConfigKey& key, std::map<std::string, std::string> options);
  void checkTls();
  [[nodiscard]] static bool takesNumber(const ConfigKey& key) { return key.most > 0; }
  /// Where the value of a key that is true or false goes; null for other keys.
  [[nodiscard]] bool* flagOf(const ConfigKey& key) {
    const auto field = key.field(config_);
    auto* const* flag = std::get_if<bool*>(&field);
    return flag != nullptr ? *flag : nullptr;
  }
  [[nodiscard]] bool takesTable(const ConfigKey& key) {
    return std::holds_alternative<std::map<std::string, std::string>*>(key.field(config_));
  }

  Config config_;
  std::vector<std::string> complaints_;
  ErrorKind kind_ = ErrorKind::kInvalidValue;
};

void Loader::readFile(const fs::path& file) {
  std::error_code error;
  config_.file = fs::absolute(file, error).lexically_normal();
  std::ifstream in;
  if (!error && fs::is_regular_file(config_.file, error)) in.open(config_.file, std::ios::binary);
  std::string content(static_cast<std::size_t>(kLargestFile) + 1, '\0');
  if (!in.is_open() || in.read(content.data(), kLargestFile + 1).bad()) {
    kind_ = fs::exists(config_.file, error) ? ErrorKind::kInvalidValue : ErrorKind::kNotFound;
    complain(config_.file.string(), kind_ == ErrorKind::kNotFound
                                        ? "there is no such configuration file"
                                        : "the configuration file cannot be read");
    return;
  }
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (in.gcount() > kLargestFile) {
    complain(config_.file.string(), "larger than a configuration file can be");
    return;
  }
  try {
    readTable(toml::parse(content, config_.file.string()), "");
  } catch (const toml::parse_error& failure) {
    complain(fmt::format("{}:{}", config_.file.string(), failure.source().begin.line),
             "not valid TOML: " + printable(failure.description()));
  }
}

void Loader::readTable(const toml::table& table, const std::string& section) {
  for (auto&& [name, node] : table) {
    const std::string dotted =
        section.empty() ? std::string(name.str()) : section + "." + std::string(name.str());
    const ConfigKey* key = findConfigKey(dotted);
    if (key != nullptr) {
      readNode(*key, node);
      continue;
    }
    const bool is_section =
        section.empty() &&
        std::any_of(configKeys().begin(), configKeys().end(), [&](const ConfigKey& known) {
          return !known.section.empty() && known.section == dotted;
        });
    if (is_section && node.is_table()) {
      readTable(*node.as_table(), dotted);
    } else if (is_section) {
      complain(at(node), fmt::format("{} is a section: write [{}]", dotted, dotted));
    } else {
      complain(
          at(node),
          fmt::format("unknown key {}{}", printable(dotted),
                      suggestion(dotted, [](const ConfigKey& known) { return known.dotted(); })));
    }
  }
}

void Loader::readNode(const ConfigKey& key, const toml::node& node) {
  const std::string where = at(node);
  if (takesTable(key)) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return complain(where, key.dotted() + " must be a table of options");
    std::map<std::string, std::string> options;
    for (auto&& [name, value] : *table) {
      std::string text;
      if (const auto string = value.value_exact<std::string>()) {
        text = *string;
      } else if (const auto number = value.value_exact<std::int64_t>()) {
        text = std::to_string(*number);
      } else if (const auto flag = value.value_exact<bool>()) {
        text = *flag ? "ON" : "OFF";
      } else {
        complain(at(value), fmt::format("{}.{} must be a text, a whole number or a boolean",
                                        key.dotted(), printable(name.str())));
        continue;
      }
      options.emplace(std::string(name.str()), std::move(text));
    }
    setOptions(key, std::move(options));
  } else if (takesNumber(key)) {
    const auto number = node.value_exact<std::int64_t>();
    if (!number) return complain(where, fmt::format("{} must be a whole number", key.dotted()));
    setNumber(key, *number, where);
  } else if (bool* flag = flagOf(key)) {
    const auto value = node.value_exact<bool>();
    if (!value) return complain(where, fmt::format("{} must be true or false", key.dotted()));
    *flag = *value;
  } else {
    const auto text = node.value_exact<std::string>();
    if (!text) return complain(where, fmt::format("{} must be a text in quotes", key.dotted()));
    setText(key, *text, config_.file.parent_path(), where);
  }
}

void Loader::readEnvironment(const Environment& environment) {
  std::map<std::string, const ConfigKey*> keys;
  for (const auto& key : configKeys()) keys.emplace(key.variable(), &key);
  for (const auto& [name, value] : environment) {
    if (name.rfind(kVariablePrefix, 0) != 0) continue;
    if (name == kFileVariable ||
        std::find(kOtherVariables.begin(), kOtherVariables.end(), name) != kOtherVariables.end()) {
      continue;
    }
    const auto found = keys.find(name);
    if (found == keys.end()) {
      if (!meansConfiguration(name)) continue;
      complain("", fmt::format(
                       "unknown environment variable {}{}", printable(name),
                       suggestion(name, [](const ConfigKey& known) { return known.variable(); })));
      continue;
    }
    const ConfigKey& key = *found->second;
    if (takesTable(key)) {
      std::map<std::string, std::string> options;
      std::istringstream parts(value);
      for (std::string part; std::getline(parts, part, ',');) {
        const auto equals = part.find('=');
        options[part.substr(0, equals)] =
            equals == std::string::npos ? "" : part.substr(equals + 1);
      }
      setOptions(key, std::move(options));
    } else if (takesNumber(key)) {
      std::int64_t number = 0;
      const char* end = value.data() + value.size();
      const auto [stop, error] = std::from_chars(value.data(), end, number);
      if (error != std::errc() || stop != end) {
        complain(name, fmt::format("{} must be a whole number", key.dotted()));
      } else {
        setNumber(key, number, name);
      }
    } else if (bool* flag = flagOf(key)) {
      if (value != "true" && value != "false") {
        complain(name, fmt::format("{} must be true or false", key.dotted()));
      } else {
        *flag = value == "true";
      }
    } else {
      std::error_code error;
      setText(key, value, fs::current_path(error), name);
    }
  }
}

void Loader::setNumber(const ConfigKey& key, std::int64_t number, const std::string& where) {
  if (number < key.least || number > key.most) {
    complain(where, fmt::format("{} must be from {} to {}", key.dotted(), key.least, key.most));
    return;
  }
  const auto field = key.field(config_);
  if (auto* const* small = std::get_if<std::uint16_t*>(&field))
    **small = static_cast<std::uint16_t>(number);
  if (auto* const* large = std::get_if<std::uint32_t*>(&field))
    **large = static_cast<std::uint32_t>(number);
}

void Loader::setText(const ConfigKey& key, const std::string& text, const fs::path& base,
                     const std::string& where) {
  std::string complaint;
  if (text.find('\0') != std::string::npos) {
    complaint = "must not hold a NUL character";
  } else if (key.complaint != nullptr) {
    complaint = key.complaint(text);
  }
  if (!complaint.empty()) return complain(where, fmt::format("{} {}", key.dotted(), complaint));
  const auto field = key.field(config_);
  if (auto* const* string = std::get_if<std::string*>(&field)) **string = text;
  if (auto* const* path = std::get_if<fs::path*>(&field))
    **path = text.empty() ? fs::path() : base / text;
}

void Loader::setOptions(const ConfigKey& key, std::map<std::string, std::string> options) {
  const auto field = key.field(config_);
  if (auto* const* table = std::get_if<std::map<std::string, std::string>*>(&field))
    **table = std::move(options);
}

/// What the files hold is said when they are read.
void Loader::checkTls() {
  const auto& server = config_.server;
  if (server.public_tls_certificate.empty() != server.public_tls_key.empty()) {
    complain("", "server.public_tls_certificate and server.public_tls_key need each other");
  }
  if (server.internal_tls_certificate.empty() != server.internal_tls_key.empty()) {
    complain("", "server.internal_tls_certificate and server.internal_tls_key need each other");
  }
  if (!server.internal_tls_client_ca.empty() && server.internal_tls_certificate.empty()) {
    complain("", "server.internal_tls_client_ca needs server.internal_tls_certificate");
  }
  if (!server.internal_tls_client_crl.empty() && server.internal_tls_client_ca.empty()) {
    complain("", "server.internal_tls_client_crl needs server.internal_tls_client_ca");
  }
}

void Loader::checkTogether() {
  auto& database = config_.database;
  database.tuning.lock_wait_seconds = database.lock_wait_seconds;
  if (database.lock_wait_seconds >= database.read_seconds) {
    complain("", "database.read_seconds must be more than database.lock_wait_seconds");
  }
  if (database.url.empty()) {
    if (const auto sessions = databaseSessions(config_);
        database.tuning.max_connections < sessions) {
      complain("", fmt::format("database.max_connections must be at least {} for so many "
                               "server.workers, jit.queue_workers and events.senders",
                               sessions));
    }
    if (auto arguments = serverArguments({}, database.tuning); !arguments) {
      complain("", "database.server_options: " + operatorText(arguments.error()));
    }
  }
  if (config_.server.public_port != 0 &&
      config_.server.public_port == config_.server.internal_port &&
      config_.server.public_address == config_.server.internal_address) {
    complain("", "server.public_port and server.internal_port must differ on the same address");
  }
  checkTls();
  if (config_.audit.trace_days > config_.audit.retention_days) {
    complain("", "audit.trace_days must not be more than audit.retention_days");
  }
  std::error_code error;
  for (const auto& key : configKeys()) {
    const auto field = key.field(config_);
    auto* const* path = std::get_if<fs::path*>(&field);
    if (path != nullptr && !(*path)->empty())
      **path = fs::absolute(**path, error).lexically_normal();
  }
  if (error) complain("", "the working directory cannot be told: " + error.message());
}

}  // namespace

std::uint32_t databaseSessions(const Config& config) {
  // One for each worker of both addresses, and some for the watch, for outbound targets, whose
  // threads mostly wait for others, for starting, and for commands.
  constexpr std::uint32_t kOthers = 10;
  return 2 * config.server.workers + config.jit.queue_workers + config.events.senders + kOthers;
}

Environment processEnvironment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Result<Config> loadConfig(const std::optional<fs::path>& file, const Environment& environment) {
  Loader loader;
  const auto named = environment.find(kFileVariable);
  std::error_code ignored;
  if (file) {
    loader.readFile(*file);
  } else if (named != environment.end() && !named->second.empty()) {
    loader.readFile(named->second);
  } else if (fs::exists(kLocalFile, ignored)) {
    loader.readFile(kLocalFile);
  } else if (fs::exists(kSystemFile, ignored)) {
    loader.readFile(kSystemFile);
  }
  loader.readEnvironment(environment);
  loader.checkTogether();
  return std::move(loader).finish();
}

}  // namespace vestibule::app
