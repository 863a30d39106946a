#pragma once
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// Tables as applications have them: what the matching must hold for, column by column.
namespace pgreactor::operators {

struct RealisticTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string_view> views() const { return {columns.begin(), columns.end()}; }
};

/// A name with a colon begins a table, the others are its columns.
inline constexpr const char* tables_as_text = R"(
users: id uuid username email email_verified_at password_hash first_name last_name display_name
  avatar_url phone_number is_active is_admin role status locale timezone last_login_at
  failed_login_count company_id address_id created_at updated_at deleted_at
addresses: id user_id address_line_1 address_line_2 city postal_code region country_code
  latitude longitude is_default alias
orders: id customer_id order_number order_status currency sub_total tax tax_rate discount
  grand_total shipping_address billing_address placed_at paid_at shipped_at cancelled_at note
  coupon_code payment_status fulfilment_status
products: id sku slug title description price list_price category_id brand size colour weight
  width height depth stock_quantity is_published rating review_count image_url box series
content: id project_id content_type body summary language author_id version tag metadata
  vocabulary source_url prompt_id analysis word_count published_at is_protected medium canvas
prompts: id prompt_key template model temperature max_token stop_word schema_name settings
  response cache_key usage index criterion
invoices: id invoice_date due_date amount amount_paid balance bill_to line_item purchase_order
  expense reference hash process access_level business_unit gas_fee address_hash
employees: id manager_id job_title department salary bonus hired_on leave_balance half_day
  shift person child wife_name life_cycle boss campus virus_scan bus_route movie hero shoe
devices: id mac_address ip_address dns_name gps_fix os_version battery last_seen sensor_lens
  bias matrix vertex axis basis datum fix switch match branch cpu api status_code error_message
  timeout_ms retry_policy quiz query key day
camel: userId createdAt isActive lastLoginIP httpURL orderStatus shippingAddress lineItem
  apiKey taxClass priceList archive objective leaf knife shelf entry cookie tie photo video
legacy: customerid orderstatus emailalias useraddress LastName FIRSTNAME ZIPCode isvip bonus
  entrydate itemcategory price_list
)";

inline std::vector<RealisticTable> realistic_tables() {
  std::vector<RealisticTable> tables;
  std::istringstream words(tables_as_text);
  for (std::string word; words >> word;) {
    if (word.back() == ':')
      tables.push_back({word.substr(0, word.size() - 1), {}});
    else
      tables.back().columns.push_back(word);
  }
  return tables;
}

}  // namespace pgreactor::operators
