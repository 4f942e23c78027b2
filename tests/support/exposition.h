#pragma once
// A strict reader of the Prometheus text format (version 0.0.4), and the rules for names that
// Prometheus's own linter has.

#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vestibule::test {

using Labels = std::map<std::string, std::string>;

/// One metric with everything that is said of it.
struct Family {
  std::string type;
  std::string help;
  /// By the name of the line (that of the family, or with `_bucket`, `_sum`, `_count`) and labels.
  std::map<std::pair<std::string, Labels>, double> samples;

  /// The names of the labels of its series, `le` aside.
  [[nodiscard]] std::set<std::string> labelNames() const {
    std::set<std::string> names;
    for (const auto& [series, value] : samples) {
      for (const auto& [name, text] : series.second) {
        if (name != "le") names.insert(name);
      }
    }
    return names;
  }
};

/// A scrape. Throws std::runtime_error for a text that is against the format.
class Exposition {
 public:
  explicit Exposition(std::string_view text) {
    if (text.empty() || text.back() != '\n') fail("the text does not end with a line end");
    while (!text.empty()) {
      line_ = text.substr(0, text.find('\n'));
      text.remove_prefix(line_.size() + 1);
      readLine();
    }
    for (const auto& [name, family] : families) checkFamily(name, family);
  }

  /// The value of a series; throws when there is none.
  [[nodiscard]] double value(const std::string& name, const Labels& labels = {}) const {
    for (const char* suffix : {"_bucket", "_sum", "_count", ""}) {
      const std::string_view ending(suffix);
      if (!std::string_view(name).ends_with(ending)) continue;
      const auto family = families.find(name.substr(0, name.size() - ending.size()));
      if (family == families.end()) continue;
      const auto found = family->second.samples.find({name, labels});
      if (found != family->second.samples.end()) return found->second;
    }
    throw std::runtime_error("no series of " + name);
  }

  std::map<std::string, Family> families;

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(what + ": " + std::string(line_));
  }

  static bool isName(std::string_view text, bool label) {
    const auto letter = [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!label && c == ':');
    };
    if (text.empty() || !letter(text.front())) return false;
    for (const char c : text) {
      if (!letter(c) && !(c >= '0' && c <= '9')) return false;
    }
    return true;
  }

  void readLine() {
    if (line_.starts_with("# HELP ")) return begin(line_.substr(7), "help");
    if (line_.starts_with("# TYPE ")) return begin(line_.substr(7), "type");
    if (line_.empty() || line_.front() == '#') fail("a line that says nothing");
    readSample();
  }

  /// HELP begins a family and TYPE follows it at once.
  void begin(std::string_view rest, std::string_view what) {
    const auto space = rest.find(' ');
    if (space == std::string_view::npos) fail("a name without a text");
    const std::string name(rest.substr(0, space));
    const std::string text(rest.substr(space + 1));
    if (!isName(name, false)) fail("no name");
    if (what == "help") {
      if (awaits_type_) fail("HELP without TYPE");
      if (!families.emplace(name, Family{"", text, {}}).second) fail("a family twice");
      current_ = name;
      awaits_type_ = true;
      return;
    }
    if (!awaits_type_ || name != current_) fail("TYPE without its HELP");
    if (text != "counter" && text != "gauge" && text != "histogram") fail("an unknown type");
    families[name].type = text;
    awaits_type_ = false;
  }

  void readSample() {
    std::string_view rest = line_;
    const auto end = rest.find_first_of("{ ");
    if (end == std::string_view::npos || awaits_type_) fail("no sample");
    const std::string name(rest.substr(0, end));
    rest.remove_prefix(end);
    Labels labels;
    if (rest.front() == '{') labels = readLabels(rest);
    if (rest.empty() || rest.front() != ' ') fail("no space before the value");
    rest.remove_prefix(1);
    const std::string number(rest);
    char* number_end = nullptr;
    const double value = std::strtod(number.c_str(), &number_end);
    if (number.empty() || *number_end != '\0' || std::isnan(value)) fail("no number");
    if (!belongs(name, labels)) fail("a sample outside its family");
    if (!families[current_].samples.emplace(std::pair(name, labels), value).second) {
      fail("a series twice");
    }
  }

  bool belongs(const std::string& name, const Labels& labels) const {
    if (current_.empty()) return false;
    if (families.at(current_).type != "histogram") return name == current_;
    if (name == current_ + "_bucket") return labels.contains("le");
    return name == current_ + "_sum" || name == current_ + "_count";
  }

  Labels readLabels(std::string_view& rest) const {
    Labels labels;
    do {
      rest.remove_prefix(1);
      const auto equal = rest.find("=\"");
      if (equal == std::string_view::npos) fail("no label");
      const std::string name(rest.substr(0, equal));
      if (!isName(name, true) || name.starts_with("__")) fail("no name of a label");
      rest.remove_prefix(equal + 2);
      std::string value;
      while (!rest.empty() && rest.front() != '"') {
        if (rest.front() == '\\') {
          rest.remove_prefix(1);
          if (rest.empty()) fail("an escape of nothing");
          if (rest.front() != '\\' && rest.front() != '"' && rest.front() != 'n') {
            fail("an unknown escape");
          }
          value += rest.front() == 'n' ? '\n' : rest.front();
        } else {
          value += rest.front();
        }
        rest.remove_prefix(1);
      }
      if (rest.empty()) fail("a value without an end");
      rest.remove_prefix(1);
      if (!labels.emplace(name, value).second) fail("a label twice");
    } while (!rest.empty() && rest.front() == ',');
    if (rest.empty() || rest.front() != '}') fail("labels without an end");
    rest.remove_prefix(1);
    return labels;
  }

  static void checkFamily(const std::string& name, const Family& family) {
    const auto complain = [&](const std::string& what) {
      throw std::runtime_error(name + ": " + what);
    };
    const bool total = name.ends_with("_total");
    if ((family.type == "counter") != total)
      complain("a counter ends in _total, nothing else does");
    for (const char* unit : {"_milliseconds", "_ms", "_minutes", "_kilobytes", "_percent"}) {
      if (name.find(unit) != std::string::npos) complain("not in base units");
    }
    if (family.samples.empty()) complain("a family without samples");
    if (family.help.empty() || family.help.back() != '.') complain("a help that is no sentence");
    if (family.type == "histogram") checkBuckets(name, family);
  }

  /// Buckets grow with `le`, and the last one, `+Inf`, is the count.
  static void checkBuckets(const std::string& name, const Family& family) {
    std::map<Labels, std::map<double, double>> buckets;
    for (const auto& [series, value] : family.samples) {
      auto labels = series.second;
      if (series.first != name + "_bucket") continue;
      const auto le = labels.extract("le").mapped();
      buckets[labels][le == "+Inf" ? HUGE_VAL : std::strtod(le.c_str(), nullptr)] = value;
    }
    for (const auto& [labels, counts] : buckets) {
      double before = 0;
      for (const auto& [bound, count] : counts) {
        if (count < before) throw std::runtime_error(name + ": buckets that shrink");
        before = count;
      }
      if (counts.rbegin()->first != HUGE_VAL ||
          family.samples.at({name + "_count", labels}) != before ||
          !family.samples.contains({name + "_sum", labels})) {
        throw std::runtime_error(name + ": a histogram that is not complete");
      }
    }
  }

  std::string_view line_;
  std::string current_;
  bool awaits_type_ = false;
};

}  // namespace vestibule::test
