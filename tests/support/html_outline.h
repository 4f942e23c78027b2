#pragma once
// Reads HTML as far as tests ask about it: which elements there are, and whether they fit together.

#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace vestibule::test {

/// One start tag. Attribute values are as they stand, with their character references.
struct HtmlElement {
  std::string tag;
  std::map<std::string, std::string> attributes;

  [[nodiscard]] bool has(const std::string& name) const { return attributes.contains(name); }
  [[nodiscard]] std::string at(const std::string& name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "" : found->second;
  }
};

/// The elements of a page in order, and what is wrong with it: tags that do not close, ids that
/// come twice, references to ids that are not there, attributes that come twice.
class HtmlOutline {
 public:
  explicit HtmlOutline(std::string_view page) {
    std::vector<std::string> open;
    for (auto at = page.find('<'); at != std::string_view::npos; at = page.find('<', at)) {
      const auto end = page.find('>', at);
      if (end == std::string_view::npos) {
        complain("a tag that does not end");
        break;
      }
      const auto inside = page.substr(at + 1, end - at - 1);
      at = end + 1;
      if (inside.starts_with('!')) continue;
      if (inside.starts_with('/')) {
        if (open.empty() || open.back() != inside.substr(1)) {
          complain("</" + std::string(inside.substr(1)) + "> closes nothing");
        } else {
          open.pop_back();
        }
        continue;
      }
      elements_.push_back(readTag(inside));
      static const std::set<std::string> kVoid = {"meta", "link", "input", "br", "img"};
      if (!kVoid.contains(elements_.back().tag)) open.push_back(elements_.back().tag);
    }
    for (const auto& tag : open) complain("<" + tag + "> is not closed");
    checkReferences();
  }

  [[nodiscard]] const std::vector<HtmlElement>& elements() const { return elements_; }
  /// Empty when nothing is wrong.
  [[nodiscard]] const std::string& complaints() const { return complaints_; }

  /// The first element whose attribute has this value, or null.
  [[nodiscard]] const HtmlElement* find(const std::string& name, const std::string& value) const {
    for (const auto& element : elements_) {
      if (element.has(name) && element.at(name) == value) return &element;
    }
    return nullptr;
  }
  [[nodiscard]] std::size_t count(const std::string& tag) const {
    std::size_t count = 0;
    for (const auto& element : elements_) count += element.tag == tag ? 1 : 0;
    return count;
  }

 private:
  void complain(const std::string& what) { complaints_ += what + '\n'; }

  HtmlElement readTag(std::string_view inside) {
    HtmlElement element;
    const auto blank = inside.find_first_of(" \n");
    element.tag = inside.substr(0, blank);
    while (!inside.empty()) {
      const auto start = inside.find_first_not_of(" \n", inside.find_first_of(" \n"));
      if (inside.find_first_of(" \n") == std::string_view::npos ||
          start == std::string_view::npos) {
        break;
      }
      inside.remove_prefix(start);
      const auto name_end = inside.find_first_of("= \n");
      const std::string name(inside.substr(0, name_end));
      std::string value;
      if (name_end != std::string_view::npos && inside[name_end] == '=') {
        if (inside.substr(name_end + 1, 1) != "\"") complain(name + " has no quotes");
        const auto close = inside.find('"', name_end + 2);
        if (close == std::string_view::npos) {
          complain(name + " has no end");
          break;
        }
        value = inside.substr(name_end + 2, close - name_end - 2);
        inside.remove_prefix(close + 1);
      } else {
        inside.remove_prefix(name.size());
      }
      if (!element.attributes.emplace(name, value).second) complain(name + " comes twice");
    }
    return element;
  }

  void checkReferences() {
    std::set<std::string> ids;
    for (const auto& element : elements_) {
      if (element.has("id") && !ids.insert(element.at("id")).second) {
        complain("the id " + element.at("id") + " comes twice");
      }
    }
    for (const auto& element : elements_) {
      for (const auto* name : {"for", "aria-describedby", "aria-labelledby"}) {
        std::istringstream references(element.at(name));
        for (std::string id; references >> id;) {
          if (!ids.contains(id))
            complain(std::string(name) + " names " + id + ", which is nowhere");
        }
      }
      const auto link = element.at("href");
      if (link.starts_with('#') && !ids.contains(link.substr(1))) complain(link + " leads nowhere");
    }
  }

  std::vector<HtmlElement> elements_;
  std::string complaints_;
};

}  // namespace vestibule::test
