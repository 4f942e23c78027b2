// The configuration as text: the annotated defaults, and what is in force.

#include <fmt/format.h>

#include <string_view>

#include "app/config.h"
#include "app/config_keys.h"

namespace vestibule::app {
namespace {

constexpr std::size_t kLineWidth = 100;

/// A TOML basic string.
std::string tomlString(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// The URL without its password. Cuts from the first colon to the last `@`: rather too much than
/// too little, should a password hold characters that it must not.
std::string withoutPassword(const std::string& url) {
  const auto authority = url.find("://");
  if (authority == std::string::npos) return url.empty() ? "" : "***";
  const auto colon = url.find(':', authority + 3);
  const auto at = url.rfind('@');
  if (colon == std::string::npos || at == std::string::npos || at < colon) return url;
  return url.substr(0, colon) + ":***" + url.substr(at);
}

struct ToToml {
  bool secret;
  std::string operator()(const std::string* text) const {
    return tomlString(secret ? withoutPassword(*text) : *text);
  }
  std::string operator()(const std::filesystem::path* path) const {
    return tomlString(path->string());
  }
  std::string operator()(const std::uint16_t* number) const { return std::to_string(*number); }
  std::string operator()(const std::uint32_t* number) const { return std::to_string(*number); }
  std::string operator()(const bool* flag) const { return *flag ? "true" : "false"; }
  std::string operator()(const std::map<std::string, std::string>* table) const {
    std::string out;
    for (const auto& [name, value] : *table) {
      out += (out.empty() ? "{ " : ", ") + tomlString(name) + " = " + tomlString(value);
    }
    return out.empty() ? "{}" : out + " }";
  }
};

struct ToJson {
  bool secret;
  json::Value operator()(const std::string* text) const {
    return json::Value(secret ? withoutPassword(*text) : *text);
  }
  json::Value operator()(const std::filesystem::path* path) const {
    return json::Value(path->string());
  }
  json::Value operator()(const std::uint16_t* number) const {
    return json::Value(std::uint64_t{*number});
  }
  json::Value operator()(const std::uint32_t* number) const {
    return json::Value(std::uint64_t{*number});
  }
  json::Value operator()(const bool* flag) const { return json::Value(*flag); }
  json::Value operator()(const std::map<std::string, std::string>* table) const {
    json::Object object;
    for (const auto& [name, value] : *table) object.set(name, value);
    return json::Value(std::move(object));
  }
};

/// Breaks sentences into comment lines.
std::string comment(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto word = text.substr(0, space);
    text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    if (column == 0 || column + 1 + word.size() > kLineWidth) {
      out += column == 0 ? "# " : "\n# ";
      column = 2;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out + "\n";
}

/// Writes each section's header when its first key comes.
class SectionHeaders {
 public:
  std::string before(const ConfigKey& key) {
    if (key.section == current_) return "";
    current_ = key.section;
    return fmt::format("\n[{}]\n", current_);
  }

 private:
  std::string_view current_;
};

}  // namespace

std::string describeConfig() {
  Config defaults;
  std::string out = comment(
      "The configuration of Vestibule: every key with its default. Keys that are left out keep it; "
      "unknown keys are errors. "
      "Each can be set by the environment variable named beside it, which wins over this file; "
      "other "
      "variables that begin with VESTIBULE_ and a section's name are errors. A "
      "relative path is relative to "
      "this file's folder (in a variable: to the working directory).");
  SectionHeaders headers;
  for (const auto& key : configKeys()) {
    out += headers.before(key);
    const auto field = key.field(defaults);
    std::string bounds;
    if (key.most > 0) bounds = fmt::format(" {} to {}.", key.least, key.most);
    out += "\n" + comment(fmt::format("{}{} ({})", key.meaning, bounds, key.variable()));
    const std::string value = std::visit(ToToml{key.secret}, field);
    // Where the default is empty, an example shows what could stand there.
    const bool shown = key.example.empty();
    const bool is_table = std::holds_alternative<std::map<std::string, std::string>*>(field);
    out += shown ? fmt::format("{} = {}\n", key.name, value)
                 : fmt::format("# {} = {}\n", key.name,
                               is_table ? std::string(key.example) : tomlString(key.example));
  }
  return out;
}

json::Value describeConfigDocument() {
  Config defaults;
  json::Array keys;
  for (const auto& key : configKeys()) {
    json::Object one{{"key", key.dotted()},
                     {"variable", key.variable()},
                     {"default", std::visit(ToJson{key.secret}, key.field(defaults))},
                     {"meaning", key.meaning}};
    if (key.most > 0) {
      one.set("least", std::uint64_t{key.least});
      one.set("most", std::uint64_t{key.most});
    }
    keys.emplace_back(std::move(one));
  }
  return json::Value(std::move(keys));
}

json::Value redactedDocument(const Config& config) {
  Config copy = config;
  json::Object document;
  json::Object section;
  std::string_view current;
  const auto finish = [&] {
    if (!current.empty()) document.set(current, std::move(section));
    section = {};
  };
  for (const auto& key : configKeys()) {
    if (key.section != current) {
      finish();
      current = key.section;
    }
    (current.empty() ? document : section)
        .set(key.name, std::visit(ToJson{key.secret}, key.field(copy)));
  }
  finish();
  return json::Value(std::move(document));
}

std::string redacted(const Config& config) {
  Config copy = config;
  std::string out;
  SectionHeaders headers;
  for (const auto& key : configKeys()) {
    out += headers.before(key);
    out += fmt::format("{} = {}\n", key.name, std::visit(ToToml{key.secret}, key.field(copy)));
  }
  return out;
}

}  // namespace vestibule::app
