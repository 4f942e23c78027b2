#include "app/scrape.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace vestibule::app {
namespace {

bool has(const Scrape::Labels& all, const Scrape::Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = all.find(label.first);
    return found != all.end() && found->second == label.second;
  });
}

/// Takes a quoted value off the text, without its escapes; nothing when it has no end.
std::optional<std::string> takeValue(std::string_view& text) {
  std::string value;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (c == '\\') {
      if (++i == text.size()) return std::nullopt;
      c = text[i] == 'n' ? '\n' : text[i];
    }
    value += c;
  }
  return std::nullopt;
}

/// Takes `{a="x",b="y"}` off the text; false when it is none.
bool takeLabels(std::string_view& text, Scrape::Labels& labels) {
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '}') {
    const auto equal = text.find("=\"");
    if (equal == std::string_view::npos) return false;
    std::string name(text.substr(0, equal));
    text.remove_prefix(equal + 2);
    auto value = takeValue(text);
    if (!value) return false;
    labels.insert_or_assign(std::move(name), *std::move(value));
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
  }
  if (text.empty()) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<double> numberOf(std::string_view text) {
  if (text.size() < 2 || text.front() != ' ') return std::nullopt;
  const std::string number(text.substr(1));
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (*end != '\0') return std::nullopt;
  return value;
}

}  // namespace

Result<Scrape> Scrape::read(std::string_view text) {
  Scrape scrape;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (line.empty() || line.front() == '#') continue;
    const auto name_size = std::min(line.find_first_of("{ "), line.size());
    const std::string name(line.substr(0, name_size));
    line.remove_prefix(name_size);
    Series series;
    const bool good = line.empty() || line.front() != '{' || takeLabels(line, series.labels);
    const auto value = good ? numberOf(line) : std::nullopt;
    if (!value) {
      return failure(ErrorKind::kInvalidSyntax,
                     "line " + std::to_string(number) + " of the metrics cannot be read");
    }
    series.value = *value;
    scrape.series_[name].push_back(std::move(series));
  }
  return scrape;
}

std::optional<double> Scrape::sum(std::string_view name, const Labels& labels) const {
  const auto found = series_.find(name);
  if (found == series_.end()) return std::nullopt;
  std::optional<double> sum;
  for (const Series& series : found->second) {
    if (has(series.labels, labels)) sum = sum.value_or(0) + series.value;
  }
  return sum;
}

std::set<std::string> Scrape::valuesOf(std::string_view name, std::string_view label) const {
  std::set<std::string> values;
  const auto found = series_.find(name);
  if (found == series_.end()) return values;
  for (const Series& series : found->second) {
    const auto value = series.labels.find(label);
    if (value != series.labels.end()) values.insert(value->second);
  }
  return values;
}

double Interval::growth(std::string_view name, const Scrape::Labels& labels) const {
  const double before = before_.sum(name, labels).value_or(0);
  const double after = after_.sum(name, labels).value_or(0);
  return after < before ? after : after - before;
}

double Interval::rate(std::string_view name, const Scrape::Labels& labels) const {
  return growth(name, labels) / seconds_;
}

std::optional<double> Interval::quantile(double part, const std::string& name,
                                         const Scrape::Labels& labels) const {
  const std::string buckets = name + "_bucket";
  /// Observations up to a bound, by the bound.
  std::map<double, double> counts;
  for (const std::string& le : after_.valuesOf(buckets, "le")) {
    auto bucket = labels;
    bucket["le"] = le;
    counts[le == "+Inf" ? HUGE_VAL : std::strtod(le.c_str(), nullptr)] = growth(buckets, bucket);
  }
  if (counts.empty() || counts.rbegin()->second <= 0) return std::nullopt;
  const double rank = part * counts.rbegin()->second;
  double lower = 0;
  double below = 0;
  for (const auto& [bound, count] : counts) {
    if (count >= rank) {
      if (bound == HUGE_VAL) return lower;
      if (count <= below) return bound;
      return lower + (bound - lower) * (rank - below) / (count - below);
    }
    lower = bound;
    below = count;
  }
  return lower;
}

}  // namespace vestibule::app
