/*
 * What messages and structures of the contract look like to one another, for iommu_tck_stdio.c; values.h says what the tables mean.
 * Made from drivers/contract by `npm run sdk`.
 */
#ifndef IOMMU_TCK_TABLES_H
#define IOMMU_TCK_TABLES_H

static const struct shape u32_shape = { .kind = SHAPE_U32, .size = sizeof(uint32_t) };
static const struct shape u53_shape = { .kind = SHAPE_U53, .size = sizeof(uint64_t) };
static const struct shape word_shape = { .kind = SHAPE_WORD, .size = sizeof(uint64_t) };
static const struct shape flag_shape = { .kind = SHAPE_FLAG, .size = sizeof(uint32_t) };
static const struct shape text_shape = { .kind = SHAPE_TEXT, .size = sizeof(const char *) };
static const struct shape bytes_shape = { .kind = SHAPE_BYTES, .size = sizeof(const uint8_t *) };

static const struct name page_owner_kind_names[] = {
  { TEXT("driver"), 0 },
  { TEXT("domain"), 1 },
  { TEXT("device"), 2 },
};
static const struct shape page_owner_kind_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "page_owner_kind", .names = page_owner_kind_names, .count = 3,
};

static const struct name page_kind_names[] = {
  { TEXT("page-table"), 0 },
  { TEXT("device-table"), 1 },
  { TEXT("context-table"), 2 },
  { TEXT("domain-table"), 3 },
  { TEXT("queue"), 4 },
  { TEXT("completion"), 5 },
  { TEXT("object"), 6 },
};
static const struct shape page_kind_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "page_kind", .names = page_kind_names, .count = 7,
};

static const struct name hyp_protection_names[] = {
  { TEXT("owned"), 0 },
  { TEXT("shared-owned"), 1 },
};
static const struct shape hyp_protection_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "hyp_protection", .names = hyp_protection_names, .count = 2,
};

static const struct name access_names[] = {
  { TEXT("read"), 0 },
  { TEXT("write"), 1 },
  { TEXT("execute"), 2 },
};
static const struct shape access_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "access", .names = access_names, .count = 3,
};

static const struct name region_kind_names[] = {
  { TEXT("direct"), 0 },
  { TEXT("direct-relaxable"), 1 },
  { TEXT("reserved"), 2 },
  { TEXT("msi"), 3 },
  { TEXT("sw-msi"), 4 },
};
static const struct shape region_kind_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "region_kind", .names = region_kind_names, .count = 5,
};

static const struct name iommu_capability_names[] = {
  { TEXT("cache-coherency"), 0 },
  { TEXT("enforce-cache-coherency"), 1 },
  { TEXT("deferred-flush"), 2 },
  { TEXT("dirty-tracking"), 3 },
};
static const struct shape iommu_capability_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "iommu_capability", .names = iommu_capability_names, .count = 4,
};

static const struct name domain_type_names[] = {
  { TEXT("paging"), 0 },
  { TEXT("nested"), 1 },
  { TEXT("identity"), 2 },
  { TEXT("blocked"), 3 },
  { TEXT("sva"), 4 },
};
static const struct shape domain_type_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "domain_type", .names = domain_type_names, .count = 5,
};

static const struct name domain_or_viommu_kind_names[] = {
  { TEXT("domain"), 0 },
  { TEXT("viommu"), 1 },
};
static const struct shape domain_or_viommu_kind_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "domain_or_viommu_kind", .names = domain_or_viommu_kind_names, .count = 2,
};

static const struct name domain_operation_names[] = {
  { TEXT("map"), 0 },
  { TEXT("unmap"), 1 },
  { TEXT("iovaToPhys"), 2 },
  { TEXT("cacheInvalidate"), 3 },
  { TEXT("dirtyTracking"), 4 },
  { TEXT("enforceCoherency"), 5 },
};
static const struct shape domain_operation_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "domain_operation", .names = domain_operation_names, .count = 6,
};

static const struct name errno_names[] = {
  { TEXT("EPERM"), 1 },
  { TEXT("ENOENT"), 2 },
  { TEXT("EIO"), 5 },
  { TEXT("ENXIO"), 6 },
  { TEXT("E2BIG"), 7 },
  { TEXT("EAGAIN"), 11 },
  { TEXT("ENOMEM"), 12 },
  { TEXT("EACCES"), 13 },
  { TEXT("EFAULT"), 14 },
  { TEXT("EBUSY"), 16 },
  { TEXT("EEXIST"), 17 },
  { TEXT("ENODEV"), 19 },
  { TEXT("EINVAL"), 22 },
  { TEXT("ENOTTY"), 25 },
  { TEXT("ENOSPC"), 28 },
  { TEXT("ESPIPE"), 29 },
  { TEXT("ERANGE"), 34 },
  { TEXT("EOVERFLOW"), 75 },
  { TEXT("EMSGSIZE"), 90 },
  { TEXT("EOPNOTSUPP"), 95 },
  { TEXT("EADDRINUSE"), 98 },
  { TEXT("ETIMEDOUT"), 110 },
  { TEXT("ENOIOCTLCMD"), 515 },
};
static const struct shape errno_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "errno", .names = errno_names, .count = 23,
};

static const struct name response_code_names[] = {
  { TEXT("success"), 0 },
  { TEXT("invalid"), 1 },
  { TEXT("failure"), 2 },
};
static const struct shape response_code_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "response_code", .names = response_code_names, .count = 3,
};

static const struct name kvm_iommu_op_names[] = {
  { TEXT("getIommuById"), 0 },
  { TEXT("allocIopt"), 1 },
  { TEXT("freeIopt"), 2 },
  { TEXT("attachDev"), 3 },
  { TEXT("detachDev"), 4 },
};
static const struct shape kvm_iommu_op_shape = {
  .kind = SHAPE_NAME, .size = sizeof(uint32_t), .what = "kvm_iommu_op", .names = kvm_iommu_op_names, .count = 5,
};

static const struct member page_owner_members[] = {
  { TEXT("kind"), .shape = &page_owner_kind_shape, .offset = offsetof(struct tck_page_owner, kind) },
  { TEXT("handle"), .shape = &u32_shape, .offset = offsetof(struct tck_page_owner, handle), .kinds = 0x6u },
};
static const struct shape page_owner_shape = {
  .kind = SHAPE_UNION, .size = sizeof(struct tck_page_owner), .what = "page_owner",
  .members = page_owner_members, .count = 2,
};

static const struct member page_request_members[] = {
  { TEXT("order"), .shape = &u32_shape, .offset = offsetof(struct tck_page_request, order) },
  { TEXT("owner"), .shape = &page_owner_shape, .offset = offsetof(struct tck_page_request, owner), .has = 0x1u },
  { TEXT("kind"), .shape = &page_kind_shape, .offset = offsetof(struct tck_page_request, kind) },
};
static const struct shape page_request_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_page_request), .what = "page_request",
  .members = page_request_members, .count = 3, .has_bits = true,
};

static const struct member guest_event_members[] = {
  { TEXT("viommu"), .shape = &u32_shape, .offset = offsetof(struct tck_guest_event, viommu) },
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct tck_guest_event, type) },
  { TEXT("record"), .shape = &bytes_shape, .offset = offsetof(struct tck_guest_event, record), .count_offset = offsetof(struct tck_guest_event, record_size) },
};
static const struct shape guest_event_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_guest_event), .what = "guest_event",
  .members = guest_event_members, .count = 3,
};

static const struct member fault_event_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_fault_event, device) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct tck_fault_event, pasid) },
  { TEXT("cause"), .shape = &text_shape, .offset = offsetof(struct tck_fault_event, cause) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct tck_fault_event, iova), .has = 0x1u },
  { TEXT("access"), .shape = &access_shape, .offset = offsetof(struct tck_fault_event, access), .has = 0x2u },
  { TEXT("guest"), .shape = &guest_event_shape, .offset = offsetof(struct tck_fault_event, guest), .has = 0x4u },
};
static const struct shape fault_event_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_fault_event), .what = "fault_event",
  .members = fault_event_members, .count = 6, .has_bits = true,
};

static const struct member page_fault_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_page_fault, device) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct tck_page_fault, pasid) },
  { TEXT("group"), .shape = &u32_shape, .offset = offsetof(struct tck_page_fault, group) },
  { TEXT("last"), .shape = &flag_shape, .offset = offsetof(struct tck_page_fault, last) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct tck_page_fault, iova) },
  { TEXT("read"), .shape = &flag_shape, .offset = offsetof(struct tck_page_fault, read) },
  { TEXT("write"), .shape = &flag_shape, .offset = offsetof(struct tck_page_fault, write) },
  { TEXT("execute"), .shape = &flag_shape, .offset = offsetof(struct tck_page_fault, execute) },
  { TEXT("privileged"), .shape = &flag_shape, .offset = offsetof(struct tck_page_fault, privileged) },
};
static const struct shape page_fault_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_page_fault), .what = "page_fault",
  .members = page_fault_members, .count = 9,
};

static const struct member kvm_domain_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_kvm_domain, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct tck_kvm_domain, domain) },
  { TEXT("pgd"), .shape = &word_shape, .offset = offsetof(struct tck_kvm_domain, pgd) },
};
static const struct shape kvm_domain_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_kvm_domain), .what = "kvm_domain",
  .members = kvm_domain_members, .count = 3,
};

static const struct member iopt_members[] = {
  { TEXT("pgd"), .shape = &word_shape, .offset = offsetof(struct tck_iopt, pgd) },
};
static const struct shape iopt_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_iopt), .what = "iopt",
  .members = iopt_members, .count = 1,
};

static const struct shape list_of_text_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &text_shape };

static const struct member iommu_description_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_iommu_description, iommu) },
  { TEXT("coherent"), .shape = &flag_shape, .offset = offsetof(struct tck_iommu_description, coherent) },
  { TEXT("interrupts"), .shape = &list_of_text_shape, .offset = offsetof(struct tck_iommu_description, interrupts), .count_offset = offsetof(struct tck_iommu_description, interrupts_count) },
};
static const struct shape iommu_description_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_iommu_description), .what = "iommu_description",
  .members = iommu_description_members, .count = 3,
};

static const struct shape list_of_iommu_description_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &iommu_description_shape };

static const struct member surroundings_members[] = {
  { TEXT("iommus"), .shape = &list_of_iommu_description_shape, .offset = offsetof(struct tck_surroundings, iommus), .count_offset = offsetof(struct tck_surroundings, iommus_count) },
  { TEXT("scripted"), .shape = &flag_shape, .offset = offsetof(struct tck_surroundings, scripted) },
};
static const struct shape surroundings_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_surroundings), .what = "surroundings",
  .members = surroundings_members, .count = 2,
};

static const struct member reserved_region_members[] = {
  { TEXT("start"), .shape = &word_shape, .offset = offsetof(struct tck_reserved_region, start) },
  { TEXT("length"), .shape = &word_shape, .offset = offsetof(struct tck_reserved_region, length) },
  { TEXT("kind"), .shape = &region_kind_shape, .offset = offsetof(struct tck_reserved_region, kind) },
};
static const struct shape reserved_region_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_reserved_region), .what = "reserved_region",
  .members = reserved_region_members, .count = 3,
};

static const struct shape list_of_u32_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &u32_shape };

static const struct shape list_of_reserved_region_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &reserved_region_shape };

static const struct member device_description_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_device_description, device) },
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_device_description, iommu) },
  { TEXT("ids"), .shape = &list_of_u32_shape, .offset = offsetof(struct tck_device_description, ids), .count_offset = offsetof(struct tck_device_description, ids_count) },
  { TEXT("group"), .shape = &u32_shape, .offset = offsetof(struct tck_device_description, group) },
  { TEXT("reserved"), .shape = &list_of_reserved_region_shape, .offset = offsetof(struct tck_device_description, reserved), .count_offset = offsetof(struct tck_device_description, reserved_count) },
  { TEXT("ats"), .shape = &flag_shape, .offset = offsetof(struct tck_device_description, ats) },
  { TEXT("pri"), .shape = &flag_shape, .offset = offsetof(struct tck_device_description, pri) },
  { TEXT("stall"), .shape = &flag_shape, .offset = offsetof(struct tck_device_description, stall) },
  { TEXT("pasidBits"), .shape = &u32_shape, .offset = offsetof(struct tck_device_description, pasid_bits) },
  { TEXT("coherent"), .shape = &flag_shape, .offset = offsetof(struct tck_device_description, coherent) },
  { TEXT("alwaysCoherent"), .shape = &flag_shape, .offset = offsetof(struct tck_device_description, always_coherent) },
};
static const struct shape device_description_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_device_description), .what = "device_description",
  .members = device_description_members, .count = 11,
};

static const struct member hw_info_members[] = {
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct tck_hw_info, type) },
  { TEXT("data"), .shape = &bytes_shape, .offset = offsetof(struct tck_hw_info, data), .count_offset = offsetof(struct tck_hw_info, data_size) },
};
static const struct shape hw_info_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_hw_info), .what = "hw_info",
  .members = hw_info_members, .count = 2,
};

static const struct member domain_or_viommu_members[] = {
  { TEXT("kind"), .shape = &domain_or_viommu_kind_shape, .offset = offsetof(struct tck_domain_or_viommu, kind) },
  { TEXT("handle"), .shape = &u32_shape, .offset = offsetof(struct tck_domain_or_viommu, handle), .kinds = 0x3u },
};
static const struct shape domain_or_viommu_shape = {
  .kind = SHAPE_UNION, .size = sizeof(struct tck_domain_or_viommu), .what = "domain_or_viommu",
  .members = domain_or_viommu_members, .count = 2,
};

static const struct member user_data_members[] = {
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct tck_user_data, type) },
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_user_data, address) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct tck_user_data, length) },
};
static const struct shape user_data_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_user_data), .what = "user_data",
  .members = user_data_members, .count = 3,
};

static const struct member domain_spec_members[] = {
  { TEXT("type"), .shape = &domain_type_shape, .offset = offsetof(struct tck_domain_spec, type) },
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_domain_spec, device) },
  { TEXT("flags"), .shape = &u32_shape, .offset = offsetof(struct tck_domain_spec, flags) },
  { TEXT("parent"), .shape = &domain_or_viommu_shape, .offset = offsetof(struct tck_domain_spec, parent), .has = 0x1u },
  { TEXT("process"), .shape = &u32_shape, .offset = offsetof(struct tck_domain_spec, process), .has = 0x2u },
  { TEXT("data"), .shape = &user_data_shape, .offset = offsetof(struct tck_domain_spec, data), .has = 0x4u },
};
static const struct shape domain_spec_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_domain_spec), .what = "domain_spec",
  .members = domain_spec_members, .count = 6, .has_bits = true,
};

static const struct member aperture_members[] = {
  { TEXT("start"), .shape = &word_shape, .offset = offsetof(struct tck_aperture, start) },
  { TEXT("last"), .shape = &word_shape, .offset = offsetof(struct tck_aperture, last) },
};
static const struct shape aperture_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_aperture), .what = "aperture",
  .members = aperture_members, .count = 2,
};

static const struct shape list_of_domain_operation_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &domain_operation_shape };

static const struct shape list_of_word_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &word_shape };

static const struct member domain_info_members[] = {
  { TEXT("type"), .shape = &domain_type_shape, .offset = offsetof(struct tck_domain_info, type) },
  { TEXT("operations"), .shape = &list_of_domain_operation_shape, .offset = offsetof(struct tck_domain_info, operations), .count_offset = offsetof(struct tck_domain_info, operations_count) },
  { TEXT("pageSizes"), .shape = &list_of_word_shape, .offset = offsetof(struct tck_domain_info, page_sizes), .count_offset = offsetof(struct tck_domain_info, page_sizes_count) },
  { TEXT("aperture"), .shape = &aperture_shape, .offset = offsetof(struct tck_domain_info, aperture), .has = 0x1u },
};
static const struct shape domain_info_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_domain_info), .what = "domain_info",
  .members = domain_info_members, .count = 4, .has_bits = true,
};

static const struct member protection_members[] = {
  { TEXT("read"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, read) },
  { TEXT("write"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, write) },
  { TEXT("execute"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, execute) },
  { TEXT("privileged"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, privileged) },
  { TEXT("coherent"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, coherent) },
  { TEXT("mmio"), .shape = &flag_shape, .offset = offsetof(struct tck_protection, mmio) },
};
static const struct shape protection_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_protection), .what = "protection",
  .members = protection_members, .count = 6,
};

static const struct member mapping_members[] = {
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct tck_mapping, iova) },
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_mapping, pa) },
  { TEXT("size"), .shape = &word_shape, .offset = offsetof(struct tck_mapping, size) },
  { TEXT("prot"), .shape = &protection_shape, .offset = offsetof(struct tck_mapping, prot) },
};
static const struct shape mapping_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_mapping), .what = "mapping",
  .members = mapping_members, .count = 4,
};

static const struct member gather_members[] = {
  { TEXT("start"), .shape = &word_shape, .offset = offsetof(struct tck_gather, start) },
  { TEXT("last"), .shape = &word_shape, .offset = offsetof(struct tck_gather, last) },
  { TEXT("handle"), .shape = &u32_shape, .offset = offsetof(struct tck_gather, handle) },
};
static const struct shape gather_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_gather), .what = "gather",
  .members = gather_members, .count = 3,
};

static const struct member unmapped_members[] = {
  { TEXT("size"), .shape = &word_shape, .offset = offsetof(struct tck_unmapped, size) },
  { TEXT("gather"), .shape = &gather_shape, .offset = offsetof(struct tck_unmapped, gather) },
};
static const struct shape unmapped_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_unmapped), .what = "unmapped",
  .members = unmapped_members, .count = 2,
};

static const struct member invalidation_array_members[] = {
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct tck_invalidation_array, type) },
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_invalidation_array, address) },
  { TEXT("entryLength"), .shape = &u32_shape, .offset = offsetof(struct tck_invalidation_array, entry_length) },
  { TEXT("entries"), .shape = &u32_shape, .offset = offsetof(struct tck_invalidation_array, entries) },
};
static const struct shape invalidation_array_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_invalidation_array), .what = "invalidation_array",
  .members = invalidation_array_members, .count = 4,
};

static const struct member invalidated_members[] = {
  { TEXT("handled"), .shape = &u32_shape, .offset = offsetof(struct tck_invalidated, handled) },
  { TEXT("errno"), .shape = &errno_shape, .offset = offsetof(struct tck_invalidated, error), .has = 0x1u },
};
static const struct shape invalidated_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_invalidated), .what = "invalidated",
  .members = invalidated_members, .count = 2, .has_bits = true,
};

static const struct member viommu_spec_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_viommu_spec, device) },
  { TEXT("parent"), .shape = &u32_shape, .offset = offsetof(struct tck_viommu_spec, parent) },
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct tck_viommu_spec, type) },
  { TEXT("data"), .shape = &user_data_shape, .offset = offsetof(struct tck_viommu_spec, data), .has = 0x1u },
};
static const struct shape viommu_spec_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_viommu_spec), .what = "viommu_spec",
  .members = viommu_spec_members, .count = 4, .has_bits = true,
};

static const struct member dirty_range_members[] = {
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct tck_dirty_range, iova) },
  { TEXT("size"), .shape = &word_shape, .offset = offsetof(struct tck_dirty_range, size) },
  { TEXT("pageSize"), .shape = &word_shape, .offset = offsetof(struct tck_dirty_range, page_size) },
  { TEXT("clear"), .shape = &flag_shape, .offset = offsetof(struct tck_dirty_range, clear) },
};
static const struct shape dirty_range_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_dirty_range), .what = "dirty_range",
  .members = dirty_range_members, .count = 4,
};

static const struct member page_response_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct tck_page_response, device) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct tck_page_response, pasid) },
  { TEXT("group"), .shape = &u32_shape, .offset = offsetof(struct tck_page_response, group) },
  { TEXT("code"), .shape = &response_code_shape, .offset = offsetof(struct tck_page_response, code) },
};
static const struct shape page_response_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_page_response), .what = "page_response",
  .members = page_response_members, .count = 4,
};

static const struct member readiness_members[] = {
  { TEXT("readable"), .shape = &flag_shape, .offset = offsetof(struct tck_readiness, readable) },
  { TEXT("writable"), .shape = &flag_shape, .offset = offsetof(struct tck_readiness, writable) },
};
static const struct shape readiness_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_readiness), .what = "readiness",
  .members = readiness_members, .count = 2,
};

static const struct member file_mapping_members[] = {
  { TEXT("offset"), .shape = &word_shape, .offset = offsetof(struct tck_file_mapping, offset) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct tck_file_mapping, length) },
  { TEXT("write"), .shape = &flag_shape, .offset = offsetof(struct tck_file_mapping, write) },
  { TEXT("execute"), .shape = &flag_shape, .offset = offsetof(struct tck_file_mapping, execute) },
  { TEXT("shared"), .shape = &flag_shape, .offset = offsetof(struct tck_file_mapping, shared) },
};
static const struct shape file_mapping_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_file_mapping), .what = "file_mapping",
  .members = file_mapping_members, .count = 5,
};

static const struct shape list_of_kvm_iommu_op_shape = { .kind = SHAPE_LIST, .size = sizeof(void *), .of = &kvm_iommu_op_shape };

static const struct member hyp_init_members[] = {
  { TEXT("memcaches"), .shape = &word_shape, .offset = offsetof(struct tck_hyp_init, memcaches) },
  { TEXT("cpus"), .shape = &u32_shape, .offset = offsetof(struct tck_hyp_init, cpus) },
  { TEXT("operations"), .shape = &list_of_kvm_iommu_op_shape, .offset = offsetof(struct tck_hyp_init, operations), .count_offset = offsetof(struct tck_hyp_init, operations_count) },
};
static const struct shape hyp_init_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_hyp_init), .what = "hyp_init",
  .members = hyp_init_members, .count = 3,
};

static const struct member hyp_device_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_hyp_device, iommu) },
  { TEXT("params"), .shape = &word_shape, .offset = offsetof(struct tck_hyp_device, params) },
};
static const struct shape hyp_device_shape = {
  .kind = SHAPE_RECORD, .size = sizeof(struct tck_hyp_device), .what = "hyp_device",
  .members = hyp_device_members, .count = 2,
};

/* What a driver may call. */

struct tck_read8_args {
  uint64_t pa;
};
static const struct member tck_read8_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_read8_args, pa) },
};
struct tck_read8_value {
  uint32_t value;
};
static const struct member tck_read8_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_read8_value, value) },
};
static const struct method tck_read8_method = {
  METHOD("platform.read8"),
  .args = tck_read8_args_members, .arg_count = 1, .args_size = sizeof(struct tck_read8_args),
  .value = tck_read8_value_members, .value_size = sizeof(struct tck_read8_value),
};

uint32_t tck_read8(uint64_t pa) {
  const struct tck_read8_args args = { .pa = pa };
  struct tck_read8_value given = { 0 };
  tck_call(&tck_read8_method, &args, &given);
  return given.value;
}

struct tck_read16_args {
  uint64_t pa;
};
static const struct member tck_read16_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_read16_args, pa) },
};
struct tck_read16_value {
  uint32_t value;
};
static const struct member tck_read16_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_read16_value, value) },
};
static const struct method tck_read16_method = {
  METHOD("platform.read16"),
  .args = tck_read16_args_members, .arg_count = 1, .args_size = sizeof(struct tck_read16_args),
  .value = tck_read16_value_members, .value_size = sizeof(struct tck_read16_value),
};

uint32_t tck_read16(uint64_t pa) {
  const struct tck_read16_args args = { .pa = pa };
  struct tck_read16_value given = { 0 };
  tck_call(&tck_read16_method, &args, &given);
  return given.value;
}

struct tck_read32_args {
  uint64_t pa;
};
static const struct member tck_read32_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_read32_args, pa) },
};
struct tck_read32_value {
  uint32_t value;
};
static const struct member tck_read32_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_read32_value, value) },
};
static const struct method tck_read32_method = {
  METHOD("platform.read32"),
  .args = tck_read32_args_members, .arg_count = 1, .args_size = sizeof(struct tck_read32_args),
  .value = tck_read32_value_members, .value_size = sizeof(struct tck_read32_value),
};

uint32_t tck_read32(uint64_t pa) {
  const struct tck_read32_args args = { .pa = pa };
  struct tck_read32_value given = { 0 };
  tck_call(&tck_read32_method, &args, &given);
  return given.value;
}

struct tck_read64_args {
  uint64_t pa;
};
static const struct member tck_read64_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_read64_args, pa) },
};
struct tck_read64_value {
  uint64_t value;
};
static const struct member tck_read64_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_read64_value, value) },
};
static const struct method tck_read64_method = {
  METHOD("platform.read64"),
  .args = tck_read64_args_members, .arg_count = 1, .args_size = sizeof(struct tck_read64_args),
  .value = tck_read64_value_members, .value_size = sizeof(struct tck_read64_value),
};

uint64_t tck_read64(uint64_t pa) {
  const struct tck_read64_args args = { .pa = pa };
  struct tck_read64_value given = { 0 };
  tck_call(&tck_read64_method, &args, &given);
  return given.value;
}

struct tck_write8_args {
  uint64_t pa;
  uint32_t value;
};
static const struct member tck_write8_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_write8_args, pa) },
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_write8_args, value) },
};
static const struct method tck_write8_method = {
  METHOD("platform.write8"),
  .args = tck_write8_args_members, .arg_count = 2, .args_size = sizeof(struct tck_write8_args),
};

void tck_write8(uint64_t pa, uint32_t value) {
  const struct tck_write8_args args = { .pa = pa, .value = value };
  tck_post(&tck_write8_method, &args);
}

struct tck_write16_args {
  uint64_t pa;
  uint32_t value;
};
static const struct member tck_write16_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_write16_args, pa) },
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_write16_args, value) },
};
static const struct method tck_write16_method = {
  METHOD("platform.write16"),
  .args = tck_write16_args_members, .arg_count = 2, .args_size = sizeof(struct tck_write16_args),
};

void tck_write16(uint64_t pa, uint32_t value) {
  const struct tck_write16_args args = { .pa = pa, .value = value };
  tck_post(&tck_write16_method, &args);
}

struct tck_write32_args {
  uint64_t pa;
  uint32_t value;
};
static const struct member tck_write32_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_write32_args, pa) },
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_write32_args, value) },
};
static const struct method tck_write32_method = {
  METHOD("platform.write32"),
  .args = tck_write32_args_members, .arg_count = 2, .args_size = sizeof(struct tck_write32_args),
};

void tck_write32(uint64_t pa, uint32_t value) {
  const struct tck_write32_args args = { .pa = pa, .value = value };
  tck_post(&tck_write32_method, &args);
}

struct tck_write64_args {
  uint64_t pa;
  uint64_t value;
};
static const struct member tck_write64_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_write64_args, pa) },
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_write64_args, value) },
};
static const struct method tck_write64_method = {
  METHOD("platform.write64"),
  .args = tck_write64_args_members, .arg_count = 2, .args_size = sizeof(struct tck_write64_args),
};

void tck_write64(uint64_t pa, uint64_t value) {
  const struct tck_write64_args args = { .pa = pa, .value = value };
  tck_post(&tck_write64_method, &args);
}

struct tck_zero_args {
  uint64_t pa;
  uint64_t bytes;
};
static const struct member tck_zero_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_zero_args, pa) },
  { TEXT("bytes"), .shape = &u53_shape, .offset = offsetof(struct tck_zero_args, bytes) },
};
static const struct method tck_zero_method = {
  METHOD("platform.zero"),
  .args = tck_zero_args_members, .arg_count = 2, .args_size = sizeof(struct tck_zero_args),
};

void tck_zero(uint64_t pa, uint64_t bytes) {
  const struct tck_zero_args args = { .pa = pa, .bytes = bytes };
  tck_post(&tck_zero_method, &args);
}

struct tck_cmpxchg64_args {
  uint64_t pa;
  uint64_t expected;
  uint64_t value;
};
static const struct member tck_cmpxchg64_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_cmpxchg64_args, pa) },
  { TEXT("expected"), .shape = &word_shape, .offset = offsetof(struct tck_cmpxchg64_args, expected) },
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_cmpxchg64_args, value) },
};
struct tck_cmpxchg64_value {
  uint64_t value;
};
static const struct member tck_cmpxchg64_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_cmpxchg64_value, value) },
};
static const struct method tck_cmpxchg64_method = {
  METHOD("platform.cmpxchg64"),
  .args = tck_cmpxchg64_args_members, .arg_count = 3, .args_size = sizeof(struct tck_cmpxchg64_args),
  .value = tck_cmpxchg64_value_members, .value_size = sizeof(struct tck_cmpxchg64_value),
};

uint64_t tck_cmpxchg64(uint64_t pa, uint64_t expected, uint64_t value) {
  const struct tck_cmpxchg64_args args = { .pa = pa, .expected = expected, .value = value };
  struct tck_cmpxchg64_value given = { 0 };
  tck_call(&tck_cmpxchg64_method, &args, &given);
  return given.value;
}

struct tck_fetch_and64_args {
  uint64_t pa;
  uint64_t mask;
};
static const struct member tck_fetch_and64_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_and64_args, pa) },
  { TEXT("mask"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_and64_args, mask) },
};
struct tck_fetch_and64_value {
  uint64_t value;
};
static const struct member tck_fetch_and64_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_and64_value, value) },
};
static const struct method tck_fetch_and64_method = {
  METHOD("platform.fetchAnd64"),
  .args = tck_fetch_and64_args_members, .arg_count = 2, .args_size = sizeof(struct tck_fetch_and64_args),
  .value = tck_fetch_and64_value_members, .value_size = sizeof(struct tck_fetch_and64_value),
};

uint64_t tck_fetch_and64(uint64_t pa, uint64_t mask) {
  const struct tck_fetch_and64_args args = { .pa = pa, .mask = mask };
  struct tck_fetch_and64_value given = { 0 };
  tck_call(&tck_fetch_and64_method, &args, &given);
  return given.value;
}

struct tck_fetch_or64_args {
  uint64_t pa;
  uint64_t mask;
};
static const struct member tck_fetch_or64_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_or64_args, pa) },
  { TEXT("mask"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_or64_args, mask) },
};
struct tck_fetch_or64_value {
  uint64_t value;
};
static const struct member tck_fetch_or64_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_fetch_or64_value, value) },
};
static const struct method tck_fetch_or64_method = {
  METHOD("platform.fetchOr64"),
  .args = tck_fetch_or64_args_members, .arg_count = 2, .args_size = sizeof(struct tck_fetch_or64_args),
  .value = tck_fetch_or64_value_members, .value_size = sizeof(struct tck_fetch_or64_value),
};

uint64_t tck_fetch_or64(uint64_t pa, uint64_t mask) {
  const struct tck_fetch_or64_args args = { .pa = pa, .mask = mask };
  struct tck_fetch_or64_value given = { 0 };
  tck_call(&tck_fetch_or64_method, &args, &given);
  return given.value;
}

struct tck_clean_args {
  uint64_t pa;
  uint64_t bytes;
};
static const struct member tck_clean_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_clean_args, pa) },
  { TEXT("bytes"), .shape = &u53_shape, .offset = offsetof(struct tck_clean_args, bytes) },
};
static const struct method tck_clean_method = {
  METHOD("platform.clean"),
  .args = tck_clean_args_members, .arg_count = 2, .args_size = sizeof(struct tck_clean_args),
};

void tck_clean(uint64_t pa, uint64_t bytes) {
  const struct tck_clean_args args = { .pa = pa, .bytes = bytes };
  tck_post(&tck_clean_method, &args);
}

static const struct method tck_barrier_method = {
  METHOD("platform.barrier"),
};

void tck_barrier(void) {
  tck_post(&tck_barrier_method, NULL);
}

struct tck_mmio_read32_args {
  uint32_t iommu;
  uint32_t offset;
};
static const struct member tck_mmio_read32_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_read32_args, iommu) },
  { TEXT("offset"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_read32_args, offset) },
};
struct tck_mmio_read32_value {
  uint32_t value;
};
static const struct member tck_mmio_read32_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_read32_value, value) },
};
static const struct method tck_mmio_read32_method = {
  METHOD("platform.mmioRead32"),
  .args = tck_mmio_read32_args_members, .arg_count = 2, .args_size = sizeof(struct tck_mmio_read32_args),
  .value = tck_mmio_read32_value_members, .value_size = sizeof(struct tck_mmio_read32_value),
};

uint32_t tck_mmio_read32(uint32_t iommu, uint32_t offset) {
  const struct tck_mmio_read32_args args = { .iommu = iommu, .offset = offset };
  struct tck_mmio_read32_value given = { 0 };
  tck_call(&tck_mmio_read32_method, &args, &given);
  return given.value;
}

struct tck_mmio_read64_args {
  uint32_t iommu;
  uint32_t offset;
};
static const struct member tck_mmio_read64_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_read64_args, iommu) },
  { TEXT("offset"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_read64_args, offset) },
};
struct tck_mmio_read64_value {
  uint64_t value;
};
static const struct member tck_mmio_read64_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_mmio_read64_value, value) },
};
static const struct method tck_mmio_read64_method = {
  METHOD("platform.mmioRead64"),
  .args = tck_mmio_read64_args_members, .arg_count = 2, .args_size = sizeof(struct tck_mmio_read64_args),
  .value = tck_mmio_read64_value_members, .value_size = sizeof(struct tck_mmio_read64_value),
};

uint64_t tck_mmio_read64(uint32_t iommu, uint32_t offset) {
  const struct tck_mmio_read64_args args = { .iommu = iommu, .offset = offset };
  struct tck_mmio_read64_value given = { 0 };
  tck_call(&tck_mmio_read64_method, &args, &given);
  return given.value;
}

struct tck_mmio_write32_args {
  uint32_t iommu;
  uint32_t offset;
  uint32_t value;
};
static const struct member tck_mmio_write32_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_write32_args, iommu) },
  { TEXT("offset"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_write32_args, offset) },
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_write32_args, value) },
};
static const struct method tck_mmio_write32_method = {
  METHOD("platform.mmioWrite32"),
  .args = tck_mmio_write32_args_members, .arg_count = 3, .args_size = sizeof(struct tck_mmio_write32_args),
};

void tck_mmio_write32(uint32_t iommu, uint32_t offset, uint32_t value) {
  const struct tck_mmio_write32_args args = { .iommu = iommu, .offset = offset, .value = value };
  tck_post(&tck_mmio_write32_method, &args);
}

struct tck_mmio_write64_args {
  uint32_t iommu;
  uint32_t offset;
  uint64_t value;
};
static const struct member tck_mmio_write64_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_write64_args, iommu) },
  { TEXT("offset"), .shape = &u32_shape, .offset = offsetof(struct tck_mmio_write64_args, offset) },
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_mmio_write64_args, value) },
};
static const struct method tck_mmio_write64_method = {
  METHOD("platform.mmioWrite64"),
  .args = tck_mmio_write64_args_members, .arg_count = 3, .args_size = sizeof(struct tck_mmio_write64_args),
};

void tck_mmio_write64(uint32_t iommu, uint32_t offset, uint64_t value) {
  const struct tck_mmio_write64_args args = { .iommu = iommu, .offset = offset, .value = value };
  tck_post(&tck_mmio_write64_method, &args);
}

struct tck_poll_until_args {
  uint32_t iommu;
  uint32_t offset;
  uint32_t mask;
  uint32_t want;
  uint64_t timeout_us;
};
static const struct member tck_poll_until_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_poll_until_args, iommu) },
  { TEXT("offset"), .shape = &u32_shape, .offset = offsetof(struct tck_poll_until_args, offset) },
  { TEXT("mask"), .shape = &u32_shape, .offset = offsetof(struct tck_poll_until_args, mask) },
  { TEXT("want"), .shape = &u32_shape, .offset = offsetof(struct tck_poll_until_args, want) },
  { TEXT("timeoutUs"), .shape = &u53_shape, .offset = offsetof(struct tck_poll_until_args, timeout_us) },
};
struct tck_poll_until_value {
  uint32_t value;
};
static const struct member tck_poll_until_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_poll_until_value, value) },
};
static const struct method tck_poll_until_method = {
  METHOD("platform.pollUntil"),
  .args = tck_poll_until_args_members, .arg_count = 5, .args_size = sizeof(struct tck_poll_until_args),
  .value = tck_poll_until_value_members, .value_size = sizeof(struct tck_poll_until_value), .refuses = true,
};

int32_t tck_poll_until(uint32_t iommu, uint32_t offset, uint32_t mask, uint32_t want, uint64_t timeout_us, uint32_t *value) {
  const struct tck_poll_until_args args = { .iommu = iommu, .offset = offset, .mask = mask, .want = want, .timeout_us = timeout_us };
  struct tck_poll_until_value given = { 0 };
  int32_t error = tck_call(&tck_poll_until_method, &args, &given);
  if (error == 0) {
    *value = given.value;
  }
  return error;
}

struct tck_page_alloc_args {
  struct tck_page_request request;
};
static const struct member tck_page_alloc_args_members[] = {
  { TEXT("request"), .shape = &page_request_shape, .offset = offsetof(struct tck_page_alloc_args, request) },
};
struct tck_page_alloc_value {
  uint64_t value;
};
static const struct member tck_page_alloc_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_page_alloc_value, value) },
};
static const struct method tck_page_alloc_method = {
  METHOD("platform.pageAlloc"),
  .args = tck_page_alloc_args_members, .arg_count = 1, .args_size = sizeof(struct tck_page_alloc_args),
  .value = tck_page_alloc_value_members, .value_size = sizeof(struct tck_page_alloc_value), .refuses = true,
};

int32_t tck_page_alloc(const struct tck_page_request *request, uint64_t *value) {
  const struct tck_page_alloc_args args = { .request = *request };
  struct tck_page_alloc_value given = { 0 };
  int32_t error = tck_call(&tck_page_alloc_method, &args, &given);
  if (error == 0) {
    *value = given.value;
  }
  return error;
}

struct tck_page_free_args {
  uint64_t pa;
  uint32_t order;
};
static const struct member tck_page_free_args_members[] = {
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct tck_page_free_args, pa) },
  { TEXT("order"), .shape = &u32_shape, .offset = offsetof(struct tck_page_free_args, order) },
};
static const struct method tck_page_free_method = {
  METHOD("platform.pageFree"),
  .args = tck_page_free_args_members, .arg_count = 2, .args_size = sizeof(struct tck_page_free_args),
};

void tck_page_free(uint64_t pa, uint32_t order) {
  const struct tck_page_free_args args = { .pa = pa, .order = order };
  tck_post(&tck_page_free_method, &args);
}

struct tck_object_alloc_args {
  const char *kind;
};
static const struct member tck_object_alloc_args_members[] = {
  { TEXT("kind"), .shape = &text_shape, .offset = offsetof(struct tck_object_alloc_args, kind) },
};
struct tck_object_alloc_value {
  uint32_t value;
};
static const struct member tck_object_alloc_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_object_alloc_value, value) },
};
static const struct method tck_object_alloc_method = {
  METHOD("platform.objectAlloc"),
  .args = tck_object_alloc_args_members, .arg_count = 1, .args_size = sizeof(struct tck_object_alloc_args),
  .value = tck_object_alloc_value_members, .value_size = sizeof(struct tck_object_alloc_value), .refuses = true,
};

int32_t tck_object_alloc(const char *kind, uint32_t *value) {
  const struct tck_object_alloc_args args = { .kind = kind };
  struct tck_object_alloc_value given = { 0 };
  int32_t error = tck_call(&tck_object_alloc_method, &args, &given);
  if (error == 0) {
    *value = given.value;
  }
  return error;
}

struct tck_object_free_args {
  uint32_t object;
};
static const struct member tck_object_free_args_members[] = {
  { TEXT("object"), .shape = &u32_shape, .offset = offsetof(struct tck_object_free_args, object) },
};
static const struct method tck_object_free_method = {
  METHOD("platform.objectFree"),
  .args = tck_object_free_args_members, .arg_count = 1, .args_size = sizeof(struct tck_object_free_args),
};

void tck_object_free(uint32_t object) {
  const struct tck_object_free_args args = { .object = object };
  tck_post(&tck_object_free_method, &args);
}

struct tck_id_alloc_args {
  const char *space;
  uint32_t first;
  uint32_t last;
};
static const struct member tck_id_alloc_args_members[] = {
  { TEXT("space"), .shape = &text_shape, .offset = offsetof(struct tck_id_alloc_args, space) },
  { TEXT("first"), .shape = &u32_shape, .offset = offsetof(struct tck_id_alloc_args, first) },
  { TEXT("last"), .shape = &u32_shape, .offset = offsetof(struct tck_id_alloc_args, last) },
};
struct tck_id_alloc_value {
  uint32_t value;
};
static const struct member tck_id_alloc_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_id_alloc_value, value) },
};
static const struct method tck_id_alloc_method = {
  METHOD("platform.idAlloc"),
  .args = tck_id_alloc_args_members, .arg_count = 3, .args_size = sizeof(struct tck_id_alloc_args),
  .value = tck_id_alloc_value_members, .value_size = sizeof(struct tck_id_alloc_value), .refuses = true,
};

int32_t tck_id_alloc(const char *space, uint32_t first, uint32_t last, uint32_t *value) {
  const struct tck_id_alloc_args args = { .space = space, .first = first, .last = last };
  struct tck_id_alloc_value given = { 0 };
  int32_t error = tck_call(&tck_id_alloc_method, &args, &given);
  if (error == 0) {
    *value = given.value;
  }
  return error;
}

struct tck_id_free_args {
  const char *space;
  uint32_t id;
};
static const struct member tck_id_free_args_members[] = {
  { TEXT("space"), .shape = &text_shape, .offset = offsetof(struct tck_id_free_args, space) },
  { TEXT("id"), .shape = &u32_shape, .offset = offsetof(struct tck_id_free_args, id) },
};
static const struct method tck_id_free_method = {
  METHOD("platform.idFree"),
  .args = tck_id_free_args_members, .arg_count = 2, .args_size = sizeof(struct tck_id_free_args),
};

void tck_id_free(const char *space, uint32_t id) {
  const struct tck_id_free_args args = { .space = space, .id = id };
  tck_post(&tck_id_free_method, &args);
}

struct tck_cpu_value {
  uint32_t value;
};
static const struct member tck_cpu_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_cpu_value, value) },
};
static const struct method tck_cpu_method = {
  METHOD("platform.cpu"),
  .value = tck_cpu_value_members, .value_size = sizeof(struct tck_cpu_value),
};

uint32_t tck_cpu(void) {
  struct tck_cpu_value given = { 0 };
  tck_call(&tck_cpu_method, NULL, &given);
  return given.value;
}

struct tck_lock_args {
  const char *name;
};
static const struct member tck_lock_args_members[] = {
  { TEXT("name"), .shape = &text_shape, .offset = offsetof(struct tck_lock_args, name) },
};
static const struct method tck_lock_method = {
  METHOD("platform.lock"),
  .args = tck_lock_args_members, .arg_count = 1, .args_size = sizeof(struct tck_lock_args),
};

void tck_lock(const char *name) {
  const struct tck_lock_args args = { .name = name };
  tck_post(&tck_lock_method, &args);
}

struct tck_unlock_args {
  const char *name;
};
static const struct member tck_unlock_args_members[] = {
  { TEXT("name"), .shape = &text_shape, .offset = offsetof(struct tck_unlock_args, name) },
};
static const struct method tck_unlock_method = {
  METHOD("platform.unlock"),
  .args = tck_unlock_args_members, .arg_count = 1, .args_size = sizeof(struct tck_unlock_args),
};

void tck_unlock(const char *name) {
  const struct tck_unlock_args args = { .name = name };
  tck_post(&tck_unlock_method, &args);
}

struct tck_now_value {
  uint64_t value;
};
static const struct member tck_now_value_members[] = {
  { TEXT("value"), .shape = &u53_shape, .offset = offsetof(struct tck_now_value, value) },
};
static const struct method tck_now_method = {
  METHOD("platform.now"),
  .value = tck_now_value_members, .value_size = sizeof(struct tck_now_value),
};

uint64_t tck_now(void) {
  struct tck_now_value given = { 0 };
  tck_call(&tck_now_method, NULL, &given);
  return given.value;
}

struct tck_delay_args {
  uint64_t microseconds;
};
static const struct member tck_delay_args_members[] = {
  { TEXT("microseconds"), .shape = &u53_shape, .offset = offsetof(struct tck_delay_args, microseconds) },
};
static const struct method tck_delay_method = {
  METHOD("platform.delay"),
  .args = tck_delay_args_members, .arg_count = 1, .args_size = sizeof(struct tck_delay_args),
};

void tck_delay(uint64_t microseconds) {
  const struct tck_delay_args args = { .microseconds = microseconds };
  tck_post(&tck_delay_method, &args);
}

struct tck_copy_in_args {
  uint64_t address;
  uint32_t length;
};
static const struct member tck_copy_in_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_copy_in_args, address) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct tck_copy_in_args, length) },
};
struct tck_copy_in_value {
  const uint8_t *value;
  uint32_t value_size;
};
static const struct member tck_copy_in_value_members[] = {
  { TEXT("value"), .shape = &bytes_shape, .offset = offsetof(struct tck_copy_in_value, value), .count_offset = offsetof(struct tck_copy_in_value, value_size) },
};
static const struct method tck_copy_in_method = {
  METHOD("platform.copyIn"),
  .args = tck_copy_in_args_members, .arg_count = 2, .args_size = sizeof(struct tck_copy_in_args),
  .value = tck_copy_in_value_members, .value_size = sizeof(struct tck_copy_in_value), .refuses = true,
};

int32_t tck_copy_in(uint64_t address, uint32_t length, uint8_t *value) {
  const struct tck_copy_in_args args = { .address = address, .length = length };
  struct tck_copy_in_value given = { 0 };
  int32_t error = tck_call(&tck_copy_in_method, &args, &given);
  if (error == 0) {
    tck_fill(value, length, given.value, given.value_size);
  }
  return error;
}

struct tck_copy_out_args {
  uint64_t address;
  const uint8_t *bytes;
  uint32_t bytes_size;
};
static const struct member tck_copy_out_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_copy_out_args, address) },
  { TEXT("bytes"), .shape = &bytes_shape, .offset = offsetof(struct tck_copy_out_args, bytes), .count_offset = offsetof(struct tck_copy_out_args, bytes_size) },
};
static const struct method tck_copy_out_method = {
  METHOD("platform.copyOut"),
  .args = tck_copy_out_args_members, .arg_count = 2, .args_size = sizeof(struct tck_copy_out_args), .refuses = true,
};

int32_t tck_copy_out(uint64_t address, const uint8_t *bytes, uint32_t bytes_size) {
  const struct tck_copy_out_args args = { .address = address, .bytes = bytes, .bytes_size = bytes_size };
  return tck_call(&tck_copy_out_method, &args, NULL);
}

struct tck_hyp_page_bytes_value {
  uint32_t value;
};
static const struct member tck_hyp_page_bytes_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct tck_hyp_page_bytes_value, value) },
};
static const struct method tck_hyp_page_bytes_method = {
  METHOD("platform.hypPageBytes"),
  .value = tck_hyp_page_bytes_value_members, .value_size = sizeof(struct tck_hyp_page_bytes_value),
};

uint32_t tck_hyp_page_bytes(void) {
  struct tck_hyp_page_bytes_value given = { 0 };
  tck_call(&tck_hyp_page_bytes_method, NULL, &given);
  return given.value;
}

struct tck_host_donate_hyp_args {
  uint64_t pfn;
  uint64_t pages;
};
static const struct member tck_host_donate_hyp_args_members[] = {
  { TEXT("pfn"), .shape = &u53_shape, .offset = offsetof(struct tck_host_donate_hyp_args, pfn) },
  { TEXT("pages"), .shape = &u53_shape, .offset = offsetof(struct tck_host_donate_hyp_args, pages) },
};
static const struct method tck_host_donate_hyp_method = {
  METHOD("platform.hostDonateHyp"),
  .args = tck_host_donate_hyp_args_members, .arg_count = 2, .args_size = sizeof(struct tck_host_donate_hyp_args), .refuses = true,
};

int32_t tck_host_donate_hyp(uint64_t pfn, uint64_t pages) {
  const struct tck_host_donate_hyp_args args = { .pfn = pfn, .pages = pages };
  return tck_call(&tck_host_donate_hyp_method, &args, NULL);
}

struct tck_hyp_donate_host_args {
  uint64_t pfn;
  uint64_t pages;
};
static const struct member tck_hyp_donate_host_args_members[] = {
  { TEXT("pfn"), .shape = &u53_shape, .offset = offsetof(struct tck_hyp_donate_host_args, pfn) },
  { TEXT("pages"), .shape = &u53_shape, .offset = offsetof(struct tck_hyp_donate_host_args, pages) },
};
static const struct method tck_hyp_donate_host_method = {
  METHOD("platform.hypDonateHost"),
  .args = tck_hyp_donate_host_args_members, .arg_count = 2, .args_size = sizeof(struct tck_hyp_donate_host_args), .refuses = true,
};

int32_t tck_hyp_donate_host(uint64_t pfn, uint64_t pages) {
  const struct tck_hyp_donate_host_args args = { .pfn = pfn, .pages = pages };
  return tck_call(&tck_hyp_donate_host_method, &args, NULL);
}

struct tck_host_share_dma_args {
  uint64_t pfn;
  uint64_t pages;
};
static const struct member tck_host_share_dma_args_members[] = {
  { TEXT("pfn"), .shape = &u53_shape, .offset = offsetof(struct tck_host_share_dma_args, pfn) },
  { TEXT("pages"), .shape = &u53_shape, .offset = offsetof(struct tck_host_share_dma_args, pages) },
};
static const struct method tck_host_share_dma_method = {
  METHOD("platform.hostShareDma"),
  .args = tck_host_share_dma_args_members, .arg_count = 2, .args_size = sizeof(struct tck_host_share_dma_args), .refuses = true,
};

int32_t tck_host_share_dma(uint64_t pfn, uint64_t pages) {
  const struct tck_host_share_dma_args args = { .pfn = pfn, .pages = pages };
  return tck_call(&tck_host_share_dma_method, &args, NULL);
}

struct tck_host_unshare_dma_args {
  uint64_t pfn;
  uint64_t pages;
};
static const struct member tck_host_unshare_dma_args_members[] = {
  { TEXT("pfn"), .shape = &u53_shape, .offset = offsetof(struct tck_host_unshare_dma_args, pfn) },
  { TEXT("pages"), .shape = &u53_shape, .offset = offsetof(struct tck_host_unshare_dma_args, pages) },
};
static const struct method tck_host_unshare_dma_method = {
  METHOD("platform.hostUnshareDma"),
  .args = tck_host_unshare_dma_args_members, .arg_count = 2, .args_size = sizeof(struct tck_host_unshare_dma_args), .refuses = true,
};

int32_t tck_host_unshare_dma(uint64_t pfn, uint64_t pages) {
  const struct tck_host_unshare_dma_args args = { .pfn = pfn, .pages = pages };
  return tck_call(&tck_host_unshare_dma_method, &args, NULL);
}

struct tck_create_mappings_args {
  uint64_t from;
  uint64_t to;
  uint32_t protection;
};
static const struct member tck_create_mappings_args_members[] = {
  { TEXT("from"), .shape = &word_shape, .offset = offsetof(struct tck_create_mappings_args, from) },
  { TEXT("to"), .shape = &word_shape, .offset = offsetof(struct tck_create_mappings_args, to) },
  { TEXT("protection"), .shape = &hyp_protection_shape, .offset = offsetof(struct tck_create_mappings_args, protection) },
};
static const struct method tck_create_mappings_method = {
  METHOD("platform.createMappings"),
  .args = tck_create_mappings_args_members, .arg_count = 3, .args_size = sizeof(struct tck_create_mappings_args), .refuses = true,
};

int32_t tck_create_mappings(uint64_t from, uint64_t to, uint32_t protection) {
  const struct tck_create_mappings_args args = { .from = from, .to = to, .protection = protection };
  return tck_call(&tck_create_mappings_method, &args, NULL);
}

struct tck_kern_hyp_va_args {
  uint64_t address;
};
static const struct member tck_kern_hyp_va_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_kern_hyp_va_args, address) },
};
struct tck_kern_hyp_va_value {
  uint64_t value;
};
static const struct member tck_kern_hyp_va_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_kern_hyp_va_value, value) },
};
static const struct method tck_kern_hyp_va_method = {
  METHOD("platform.kernHypVa"),
  .args = tck_kern_hyp_va_args_members, .arg_count = 1, .args_size = sizeof(struct tck_kern_hyp_va_args),
  .value = tck_kern_hyp_va_value_members, .value_size = sizeof(struct tck_kern_hyp_va_value),
};

uint64_t tck_kern_hyp_va(uint64_t address) {
  const struct tck_kern_hyp_va_args args = { .address = address };
  struct tck_kern_hyp_va_value given = { 0 };
  tck_call(&tck_kern_hyp_va_method, &args, &given);
  return given.value;
}

struct tck_hyp_phys_args {
  uint64_t address;
};
static const struct member tck_hyp_phys_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct tck_hyp_phys_args, address) },
};
struct tck_hyp_phys_value {
  uint64_t value;
};
static const struct member tck_hyp_phys_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct tck_hyp_phys_value, value) },
};
static const struct method tck_hyp_phys_method = {
  METHOD("platform.hypPhys"),
  .args = tck_hyp_phys_args_members, .arg_count = 1, .args_size = sizeof(struct tck_hyp_phys_args),
  .value = tck_hyp_phys_value_members, .value_size = sizeof(struct tck_hyp_phys_value),
};

uint64_t tck_hyp_phys(uint64_t address) {
  const struct tck_hyp_phys_args args = { .address = address };
  struct tck_hyp_phys_value given = { 0 };
  tck_call(&tck_hyp_phys_method, &args, &given);
  return given.value;
}

struct tck_report_event_args {
  struct tck_fault_event event;
};
static const struct member tck_report_event_args_members[] = {
  { TEXT("event"), .shape = &fault_event_shape, .offset = offsetof(struct tck_report_event_args, event) },
};
static const struct method tck_report_event_method = {
  METHOD("upcalls.reportEvent"),
  .args = tck_report_event_args_members, .arg_count = 1, .args_size = sizeof(struct tck_report_event_args), .refuses = true,
};

int32_t tck_report_event(const struct tck_fault_event *event) {
  const struct tck_report_event_args args = { .event = *event };
  return tck_call(&tck_report_event_method, &args, NULL);
}

struct tck_report_page_fault_args {
  struct tck_page_fault fault;
};
static const struct member tck_report_page_fault_args_members[] = {
  { TEXT("fault"), .shape = &page_fault_shape, .offset = offsetof(struct tck_report_page_fault_args, fault) },
};
static const struct method tck_report_page_fault_method = {
  METHOD("upcalls.reportPageFault"),
  .args = tck_report_page_fault_args_members, .arg_count = 1, .args_size = sizeof(struct tck_report_page_fault_args), .refuses = true,
};

int32_t tck_report_page_fault(const struct tck_page_fault *fault) {
  const struct tck_report_page_fault_args args = { .fault = *fault };
  return tck_call(&tck_report_page_fault_method, &args, NULL);
}

struct tck_backend_get_iommu_by_id_args {
  uint32_t iommu;
};
static const struct member tck_backend_get_iommu_by_id_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct tck_backend_get_iommu_by_id_args, iommu) },
};
struct tck_backend_get_iommu_by_id_value {
  uint32_t value;
};
static const struct member tck_backend_get_iommu_by_id_value_members[] = {
  { TEXT("value"), .shape = &flag_shape, .offset = offsetof(struct tck_backend_get_iommu_by_id_value, value) },
};
static const struct method tck_backend_get_iommu_by_id_method = {
  METHOD("backEnd.getIommuById"),
  .args = tck_backend_get_iommu_by_id_args_members, .arg_count = 1, .args_size = sizeof(struct tck_backend_get_iommu_by_id_args),
  .value = tck_backend_get_iommu_by_id_value_members, .value_size = sizeof(struct tck_backend_get_iommu_by_id_value),
};

uint32_t tck_backend_get_iommu_by_id(uint32_t iommu) {
  const struct tck_backend_get_iommu_by_id_args args = { .iommu = iommu };
  struct tck_backend_get_iommu_by_id_value given = { 0 };
  tck_call(&tck_backend_get_iommu_by_id_method, &args, &given);
  return given.value;
}

struct tck_backend_alloc_iopt_args {
  struct tck_kvm_domain domain;
  uint64_t pgd_hva;
};
static const struct member tck_backend_alloc_iopt_args_members[] = {
  { TEXT("domain"), .shape = &kvm_domain_shape, .offset = offsetof(struct tck_backend_alloc_iopt_args, domain) },
  { TEXT("pgdHva"), .shape = &word_shape, .offset = offsetof(struct tck_backend_alloc_iopt_args, pgd_hva) },
};
struct tck_backend_alloc_iopt_value {
  struct tck_iopt value;
};
static const struct member tck_backend_alloc_iopt_value_members[] = {
  { TEXT("value"), .shape = &iopt_shape, .offset = offsetof(struct tck_backend_alloc_iopt_value, value) },
};
static const struct method tck_backend_alloc_iopt_method = {
  METHOD("backEnd.allocIopt"),
  .args = tck_backend_alloc_iopt_args_members, .arg_count = 2, .args_size = sizeof(struct tck_backend_alloc_iopt_args),
  .value = tck_backend_alloc_iopt_value_members, .value_size = sizeof(struct tck_backend_alloc_iopt_value), .refuses = true,
};

int32_t tck_backend_alloc_iopt(const struct tck_kvm_domain *domain, uint64_t pgd_hva, struct tck_iopt *value) {
  const struct tck_backend_alloc_iopt_args args = { .domain = *domain, .pgd_hva = pgd_hva };
  struct tck_backend_alloc_iopt_value given = { 0 };
  int32_t error = tck_call(&tck_backend_alloc_iopt_method, &args, &given);
  if (error == 0) {
    *value = given.value;
  }
  return error;
}

struct tck_backend_free_iopt_args {
  struct tck_kvm_domain domain;
};
static const struct member tck_backend_free_iopt_args_members[] = {
  { TEXT("domain"), .shape = &kvm_domain_shape, .offset = offsetof(struct tck_backend_free_iopt_args, domain) },
};
static const struct method tck_backend_free_iopt_method = {
  METHOD("backEnd.freeIopt"),
  .args = tck_backend_free_iopt_args_members, .arg_count = 1, .args_size = sizeof(struct tck_backend_free_iopt_args), .refuses = true,
};

int32_t tck_backend_free_iopt(const struct tck_kvm_domain *domain) {
  const struct tck_backend_free_iopt_args args = { .domain = *domain };
  return tck_call(&tck_backend_free_iopt_method, &args, NULL);
}

struct tck_backend_attach_dev_args {
  struct tck_kvm_domain domain;
  uint32_t endpoint;
};
static const struct member tck_backend_attach_dev_args_members[] = {
  { TEXT("domain"), .shape = &kvm_domain_shape, .offset = offsetof(struct tck_backend_attach_dev_args, domain) },
  { TEXT("endpoint"), .shape = &u32_shape, .offset = offsetof(struct tck_backend_attach_dev_args, endpoint) },
};
static const struct method tck_backend_attach_dev_method = {
  METHOD("backEnd.attachDev"),
  .args = tck_backend_attach_dev_args_members, .arg_count = 2, .args_size = sizeof(struct tck_backend_attach_dev_args), .refuses = true,
};

int32_t tck_backend_attach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint) {
  const struct tck_backend_attach_dev_args args = { .domain = *domain, .endpoint = endpoint };
  return tck_call(&tck_backend_attach_dev_method, &args, NULL);
}

struct tck_backend_detach_dev_args {
  struct tck_kvm_domain domain;
  uint32_t endpoint;
};
static const struct member tck_backend_detach_dev_args_members[] = {
  { TEXT("domain"), .shape = &kvm_domain_shape, .offset = offsetof(struct tck_backend_detach_dev_args, domain) },
  { TEXT("endpoint"), .shape = &u32_shape, .offset = offsetof(struct tck_backend_detach_dev_args, endpoint) },
};
static const struct method tck_backend_detach_dev_method = {
  METHOD("backEnd.detachDev"),
  .args = tck_backend_detach_dev_args_members, .arg_count = 2, .args_size = sizeof(struct tck_backend_detach_dev_args), .refuses = true,
};

int32_t tck_backend_detach_dev(const struct tck_kvm_domain *domain, uint32_t endpoint) {
  const struct tck_backend_detach_dev_args args = { .domain = *domain, .endpoint = endpoint };
  return tck_call(&tck_backend_detach_dev_method, &args, NULL);
}

/* What a driver may define. */

struct driver_start_args {
  struct tck_surroundings surroundings;
};
static const struct member driver_start_args_members[] = {
  { TEXT("surroundings"), .shape = &surroundings_shape, .offset = offsetof(struct driver_start_args, surroundings) },
};
static const struct method driver_start_method = {
  METHOD("start"),
  .args = driver_start_args_members, .arg_count = 1, .args_size = sizeof(struct driver_start_args), .refuses = true,
};

static int32_t call_driver_start(const void *from, void *to) {
  const struct driver_start_args *args = from;
  (void)to;
  return driver_start(&args->surroundings);
}

static const struct method driver_stop_method = {
  METHOD("stop"), .refuses = true,
};

static int32_t call_driver_stop(const void *from, void *to) {
  (void)from;
  (void)to;
  return driver_stop();
}

struct iommu_probe_device_args {
  struct tck_device_description device;
};
static const struct member iommu_probe_device_args_members[] = {
  { TEXT("device"), .shape = &device_description_shape, .offset = offsetof(struct iommu_probe_device_args, device) },
};
static const struct method iommu_probe_device_method = {
  METHOD("iommu.probeDevice"),
  .args = iommu_probe_device_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_probe_device_args), .refuses = true,
};

static int32_t call_iommu_probe_device(const void *from, void *to) {
  const struct iommu_probe_device_args *args = from;
  (void)to;
  return iommu_probe_device(&args->device);
}

struct iommu_release_device_args {
  uint32_t device;
};
static const struct member iommu_release_device_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_release_device_args, device) },
};
static const struct method iommu_release_device_method = {
  METHOD("iommu.releaseDevice"),
  .args = iommu_release_device_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_release_device_args), .refuses = true,
};

static int32_t call_iommu_release_device(const void *from, void *to) {
  const struct iommu_release_device_args *args = from;
  (void)to;
  return iommu_release_device(args->device);
}

struct iommu_reserved_regions_args {
  uint32_t device;
};
static const struct member iommu_reserved_regions_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_reserved_regions_args, device) },
};
struct iommu_reserved_regions_value {
  const struct tck_reserved_region *value;
  uint32_t value_count;
};
static const struct member iommu_reserved_regions_value_members[] = {
  { TEXT("value"), .shape = &list_of_reserved_region_shape, .offset = offsetof(struct iommu_reserved_regions_value, value), .count_offset = offsetof(struct iommu_reserved_regions_value, value_count) },
};
static const struct method iommu_reserved_regions_method = {
  METHOD("iommu.reservedRegions"),
  .args = iommu_reserved_regions_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_reserved_regions_args),
  .value = iommu_reserved_regions_value_members, .value_size = sizeof(struct iommu_reserved_regions_value), .refuses = true,
};

static int32_t call_iommu_reserved_regions(const void *from, void *to) {
  const struct iommu_reserved_regions_args *args = from;
  struct iommu_reserved_regions_value *value = to;
  return iommu_reserved_regions(args->device, &value->value, &value->value_count);
}

struct iommu_hw_info_args {
  uint32_t device;
  uint32_t type;
};
static const struct member iommu_hw_info_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_hw_info_args, device) },
  { TEXT("type"), .shape = &u32_shape, .offset = offsetof(struct iommu_hw_info_args, type) },
};
struct iommu_hw_info_value {
  struct tck_hw_info value;
};
static const struct member iommu_hw_info_value_members[] = {
  { TEXT("value"), .shape = &hw_info_shape, .offset = offsetof(struct iommu_hw_info_value, value) },
};
static const struct method iommu_hw_info_method = {
  METHOD("iommu.hwInfo"),
  .args = iommu_hw_info_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_hw_info_args),
  .value = iommu_hw_info_value_members, .value_size = sizeof(struct iommu_hw_info_value), .refuses = true,
};

static int32_t call_iommu_hw_info(const void *from, void *to) {
  const struct iommu_hw_info_args *args = from;
  struct iommu_hw_info_value *value = to;
  return iommu_hw_info(args->device, args->type, &value->value);
}

struct iommu_capable_args {
  uint32_t device;
  uint32_t capability;
};
static const struct member iommu_capable_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_capable_args, device) },
  { TEXT("capability"), .shape = &iommu_capability_shape, .offset = offsetof(struct iommu_capable_args, capability) },
};
struct iommu_capable_value {
  uint32_t value;
};
static const struct member iommu_capable_value_members[] = {
  { TEXT("value"), .shape = &flag_shape, .offset = offsetof(struct iommu_capable_value, value) },
};
static const struct method iommu_capable_method = {
  METHOD("iommu.capable"),
  .args = iommu_capable_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_capable_args),
  .value = iommu_capable_value_members, .value_size = sizeof(struct iommu_capable_value), .refuses = true,
};

static int32_t call_iommu_capable(const void *from, void *to) {
  const struct iommu_capable_args *args = from;
  struct iommu_capable_value *value = to;
  return iommu_capable(args->device, args->capability, &value->value);
}

struct iommu_domain_alloc_args {
  struct tck_domain_spec spec;
};
static const struct member iommu_domain_alloc_args_members[] = {
  { TEXT("spec"), .shape = &domain_spec_shape, .offset = offsetof(struct iommu_domain_alloc_args, spec) },
};
struct iommu_domain_alloc_value {
  uint32_t value;
};
static const struct member iommu_domain_alloc_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommu_domain_alloc_value, value) },
};
static const struct method iommu_domain_alloc_method = {
  METHOD("iommu.domainAlloc"),
  .args = iommu_domain_alloc_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_domain_alloc_args),
  .value = iommu_domain_alloc_value_members, .value_size = sizeof(struct iommu_domain_alloc_value), .refuses = true,
};

static int32_t call_iommu_domain_alloc(const void *from, void *to) {
  const struct iommu_domain_alloc_args *args = from;
  struct iommu_domain_alloc_value *value = to;
  return iommu_domain_alloc(&args->spec, &value->value);
}

struct iommu_domain_info_args {
  uint32_t domain;
};
static const struct member iommu_domain_info_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_domain_info_args, domain) },
};
struct iommu_domain_info_value {
  struct tck_domain_info value;
};
static const struct member iommu_domain_info_value_members[] = {
  { TEXT("value"), .shape = &domain_info_shape, .offset = offsetof(struct iommu_domain_info_value, value) },
};
static const struct method iommu_domain_info_method = {
  METHOD("iommu.domainInfo"),
  .args = iommu_domain_info_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_domain_info_args),
  .value = iommu_domain_info_value_members, .value_size = sizeof(struct iommu_domain_info_value), .refuses = true,
};

static int32_t call_iommu_domain_info(const void *from, void *to) {
  const struct iommu_domain_info_args *args = from;
  struct iommu_domain_info_value *value = to;
  return iommu_domain_info(args->domain, &value->value);
}

struct iommu_domain_free_args {
  uint32_t domain;
};
static const struct member iommu_domain_free_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_domain_free_args, domain) },
};
static const struct method iommu_domain_free_method = {
  METHOD("iommu.domainFree"),
  .args = iommu_domain_free_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_domain_free_args), .refuses = true,
};

static int32_t call_iommu_domain_free(const void *from, void *to) {
  const struct iommu_domain_free_args *args = from;
  (void)to;
  return iommu_domain_free(args->domain);
}

struct iommu_attach_args {
  uint32_t device;
  uint32_t domain;
  uint32_t pasid;
};
static const struct member iommu_attach_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_attach_args, device) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_attach_args, domain) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommu_attach_args, pasid) },
};
static const struct method iommu_attach_method = {
  METHOD("iommu.attach"),
  .args = iommu_attach_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_attach_args), .refuses = true,
};

static int32_t call_iommu_attach(const void *from, void *to) {
  const struct iommu_attach_args *args = from;
  (void)to;
  return iommu_attach(args->device, args->domain, args->pasid);
}

struct iommu_detach_args {
  uint32_t device;
  uint32_t domain;
  uint32_t pasid;
};
static const struct member iommu_detach_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_detach_args, device) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_detach_args, domain) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommu_detach_args, pasid) },
};
static const struct method iommu_detach_method = {
  METHOD("iommu.detach"),
  .args = iommu_detach_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_detach_args), .refuses = true,
};

static int32_t call_iommu_detach(const void *from, void *to) {
  const struct iommu_detach_args *args = from;
  (void)to;
  return iommu_detach(args->device, args->domain, args->pasid);
}

struct iommu_replace_args {
  uint32_t device;
  uint32_t domain;
  uint32_t pasid;
};
static const struct member iommu_replace_args_members[] = {
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_replace_args, device) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_replace_args, domain) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommu_replace_args, pasid) },
};
static const struct method iommu_replace_method = {
  METHOD("iommu.replace"),
  .args = iommu_replace_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_replace_args), .refuses = true,
};

static int32_t call_iommu_replace(const void *from, void *to) {
  const struct iommu_replace_args *args = from;
  (void)to;
  return iommu_replace(args->device, args->domain, args->pasid);
}

struct iommu_map_args {
  uint32_t domain;
  struct tck_mapping mapping;
};
static const struct member iommu_map_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_map_args, domain) },
  { TEXT("mapping"), .shape = &mapping_shape, .offset = offsetof(struct iommu_map_args, mapping) },
};
static const struct method iommu_map_method = {
  METHOD("iommu.map"),
  .args = iommu_map_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_map_args), .refuses = true,
};

static int32_t call_iommu_map(const void *from, void *to) {
  const struct iommu_map_args *args = from;
  (void)to;
  return iommu_map(args->domain, &args->mapping);
}

struct iommu_unmap_args {
  uint32_t domain;
  uint64_t iova;
  uint64_t size;
};
static const struct member iommu_unmap_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_unmap_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct iommu_unmap_args, iova) },
  { TEXT("size"), .shape = &word_shape, .offset = offsetof(struct iommu_unmap_args, size) },
};
struct iommu_unmap_value {
  uint64_t value;
};
static const struct member iommu_unmap_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct iommu_unmap_value, value) },
};
static const struct method iommu_unmap_method = {
  METHOD("iommu.unmap"),
  .args = iommu_unmap_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_unmap_args),
  .value = iommu_unmap_value_members, .value_size = sizeof(struct iommu_unmap_value), .refuses = true,
};

static int32_t call_iommu_unmap(const void *from, void *to) {
  const struct iommu_unmap_args *args = from;
  struct iommu_unmap_value *value = to;
  return iommu_unmap(args->domain, args->iova, args->size, &value->value);
}

struct iommu_unmap_pages_args {
  uint32_t domain;
  uint64_t iova;
  uint64_t size;
};
static const struct member iommu_unmap_pages_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_unmap_pages_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct iommu_unmap_pages_args, iova) },
  { TEXT("size"), .shape = &word_shape, .offset = offsetof(struct iommu_unmap_pages_args, size) },
};
struct iommu_unmap_pages_value {
  struct tck_unmapped value;
};
static const struct member iommu_unmap_pages_value_members[] = {
  { TEXT("value"), .shape = &unmapped_shape, .offset = offsetof(struct iommu_unmap_pages_value, value) },
};
static const struct method iommu_unmap_pages_method = {
  METHOD("iommu.unmapPages"),
  .args = iommu_unmap_pages_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_unmap_pages_args),
  .value = iommu_unmap_pages_value_members, .value_size = sizeof(struct iommu_unmap_pages_value), .refuses = true,
};

static int32_t call_iommu_unmap_pages(const void *from, void *to) {
  const struct iommu_unmap_pages_args *args = from;
  struct iommu_unmap_pages_value *value = to;
  return iommu_unmap_pages(args->domain, args->iova, args->size, &value->value);
}

struct iommu_iotlb_sync_args {
  uint32_t domain;
  struct tck_gather gather;
};
static const struct member iommu_iotlb_sync_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_iotlb_sync_args, domain) },
  { TEXT("gather"), .shape = &gather_shape, .offset = offsetof(struct iommu_iotlb_sync_args, gather) },
};
static const struct method iommu_iotlb_sync_method = {
  METHOD("iommu.iotlbSync"),
  .args = iommu_iotlb_sync_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_iotlb_sync_args), .refuses = true,
};

static int32_t call_iommu_iotlb_sync(const void *from, void *to) {
  const struct iommu_iotlb_sync_args *args = from;
  (void)to;
  return iommu_iotlb_sync(args->domain, &args->gather);
}

struct iommu_iova_to_phys_args {
  uint32_t domain;
  uint64_t iova;
};
static const struct member iommu_iova_to_phys_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_iova_to_phys_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct iommu_iova_to_phys_args, iova) },
};
struct iommu_iova_to_phys_value {
  uint64_t value;
};
static const struct member iommu_iova_to_phys_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct iommu_iova_to_phys_value, value) },
};
static const struct method iommu_iova_to_phys_method = {
  METHOD("iommu.iovaToPhys"),
  .args = iommu_iova_to_phys_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_iova_to_phys_args),
  .value = iommu_iova_to_phys_value_members, .value_size = sizeof(struct iommu_iova_to_phys_value), .refuses = true,
};

static int32_t call_iommu_iova_to_phys(const void *from, void *to) {
  const struct iommu_iova_to_phys_args *args = from;
  struct iommu_iova_to_phys_value *value = to;
  return iommu_iova_to_phys(args->domain, args->iova, &value->value);
}

struct iommu_cache_invalidate_args {
  struct tck_domain_or_viommu target;
  struct tck_invalidation_array array;
};
static const struct member iommu_cache_invalidate_args_members[] = {
  { TEXT("target"), .shape = &domain_or_viommu_shape, .offset = offsetof(struct iommu_cache_invalidate_args, target) },
  { TEXT("array"), .shape = &invalidation_array_shape, .offset = offsetof(struct iommu_cache_invalidate_args, array) },
};
struct iommu_cache_invalidate_value {
  struct tck_invalidated value;
};
static const struct member iommu_cache_invalidate_value_members[] = {
  { TEXT("value"), .shape = &invalidated_shape, .offset = offsetof(struct iommu_cache_invalidate_value, value) },
};
static const struct method iommu_cache_invalidate_method = {
  METHOD("iommu.cacheInvalidate"),
  .args = iommu_cache_invalidate_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_cache_invalidate_args),
  .value = iommu_cache_invalidate_value_members, .value_size = sizeof(struct iommu_cache_invalidate_value), .refuses = true,
};

static int32_t call_iommu_cache_invalidate(const void *from, void *to) {
  const struct iommu_cache_invalidate_args *args = from;
  struct iommu_cache_invalidate_value *value = to;
  return iommu_cache_invalidate(&args->target, &args->array, &value->value);
}

struct iommu_viommu_alloc_args {
  struct tck_viommu_spec spec;
};
static const struct member iommu_viommu_alloc_args_members[] = {
  { TEXT("spec"), .shape = &viommu_spec_shape, .offset = offsetof(struct iommu_viommu_alloc_args, spec) },
};
struct iommu_viommu_alloc_value {
  uint32_t value;
};
static const struct member iommu_viommu_alloc_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommu_viommu_alloc_value, value) },
};
static const struct method iommu_viommu_alloc_method = {
  METHOD("iommu.viommuAlloc"),
  .args = iommu_viommu_alloc_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_viommu_alloc_args),
  .value = iommu_viommu_alloc_value_members, .value_size = sizeof(struct iommu_viommu_alloc_value), .refuses = true,
};

static int32_t call_iommu_viommu_alloc(const void *from, void *to) {
  const struct iommu_viommu_alloc_args *args = from;
  struct iommu_viommu_alloc_value *value = to;
  return iommu_viommu_alloc(&args->spec, &value->value);
}

struct iommu_viommu_free_args {
  uint32_t viommu;
};
static const struct member iommu_viommu_free_args_members[] = {
  { TEXT("viommu"), .shape = &u32_shape, .offset = offsetof(struct iommu_viommu_free_args, viommu) },
};
static const struct method iommu_viommu_free_method = {
  METHOD("iommu.viommuFree"),
  .args = iommu_viommu_free_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_viommu_free_args), .refuses = true,
};

static int32_t call_iommu_viommu_free(const void *from, void *to) {
  const struct iommu_viommu_free_args *args = from;
  (void)to;
  return iommu_viommu_free(args->viommu);
}

struct iommu_vdevice_alloc_args {
  uint32_t viommu;
  uint32_t device;
  uint64_t virtual_id;
};
static const struct member iommu_vdevice_alloc_args_members[] = {
  { TEXT("viommu"), .shape = &u32_shape, .offset = offsetof(struct iommu_vdevice_alloc_args, viommu) },
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommu_vdevice_alloc_args, device) },
  { TEXT("virtualId"), .shape = &word_shape, .offset = offsetof(struct iommu_vdevice_alloc_args, virtual_id) },
};
struct iommu_vdevice_alloc_value {
  uint32_t value;
};
static const struct member iommu_vdevice_alloc_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommu_vdevice_alloc_value, value) },
};
static const struct method iommu_vdevice_alloc_method = {
  METHOD("iommu.vdeviceAlloc"),
  .args = iommu_vdevice_alloc_args_members, .arg_count = 3, .args_size = sizeof(struct iommu_vdevice_alloc_args),
  .value = iommu_vdevice_alloc_value_members, .value_size = sizeof(struct iommu_vdevice_alloc_value), .refuses = true,
};

static int32_t call_iommu_vdevice_alloc(const void *from, void *to) {
  const struct iommu_vdevice_alloc_args *args = from;
  struct iommu_vdevice_alloc_value *value = to;
  return iommu_vdevice_alloc(args->viommu, args->device, args->virtual_id, &value->value);
}

struct iommu_vdevice_free_args {
  uint32_t vdevice;
};
static const struct member iommu_vdevice_free_args_members[] = {
  { TEXT("vdevice"), .shape = &u32_shape, .offset = offsetof(struct iommu_vdevice_free_args, vdevice) },
};
static const struct method iommu_vdevice_free_method = {
  METHOD("iommu.vdeviceFree"),
  .args = iommu_vdevice_free_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_vdevice_free_args), .refuses = true,
};

static int32_t call_iommu_vdevice_free(const void *from, void *to) {
  const struct iommu_vdevice_free_args *args = from;
  (void)to;
  return iommu_vdevice_free(args->vdevice);
}

struct iommu_enforce_coherency_args {
  uint32_t domain;
};
static const struct member iommu_enforce_coherency_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_enforce_coherency_args, domain) },
};
struct iommu_enforce_coherency_value {
  uint32_t value;
};
static const struct member iommu_enforce_coherency_value_members[] = {
  { TEXT("value"), .shape = &flag_shape, .offset = offsetof(struct iommu_enforce_coherency_value, value) },
};
static const struct method iommu_enforce_coherency_method = {
  METHOD("iommu.enforceCoherency"),
  .args = iommu_enforce_coherency_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_enforce_coherency_args),
  .value = iommu_enforce_coherency_value_members, .value_size = sizeof(struct iommu_enforce_coherency_value), .refuses = true,
};

static int32_t call_iommu_enforce_coherency(const void *from, void *to) {
  const struct iommu_enforce_coherency_args *args = from;
  struct iommu_enforce_coherency_value *value = to;
  return iommu_enforce_coherency(args->domain, &value->value);
}

struct iommu_set_dirty_tracking_args {
  uint32_t domain;
  uint32_t enable;
};
static const struct member iommu_set_dirty_tracking_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_set_dirty_tracking_args, domain) },
  { TEXT("enable"), .shape = &flag_shape, .offset = offsetof(struct iommu_set_dirty_tracking_args, enable) },
};
static const struct method iommu_set_dirty_tracking_method = {
  METHOD("iommu.setDirtyTracking"),
  .args = iommu_set_dirty_tracking_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_set_dirty_tracking_args), .refuses = true,
};

static int32_t call_iommu_set_dirty_tracking(const void *from, void *to) {
  const struct iommu_set_dirty_tracking_args *args = from;
  (void)to;
  return iommu_set_dirty_tracking(args->domain, args->enable);
}

struct iommu_read_and_clear_dirty_args {
  uint32_t domain;
  struct tck_dirty_range range;
};
static const struct member iommu_read_and_clear_dirty_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct iommu_read_and_clear_dirty_args, domain) },
  { TEXT("range"), .shape = &dirty_range_shape, .offset = offsetof(struct iommu_read_and_clear_dirty_args, range) },
};
struct iommu_read_and_clear_dirty_value {
  const uint8_t *value;
  uint32_t value_size;
};
static const struct member iommu_read_and_clear_dirty_value_members[] = {
  { TEXT("value"), .shape = &bytes_shape, .offset = offsetof(struct iommu_read_and_clear_dirty_value, value), .count_offset = offsetof(struct iommu_read_and_clear_dirty_value, value_size) },
};
static const struct method iommu_read_and_clear_dirty_method = {
  METHOD("iommu.readAndClearDirty"),
  .args = iommu_read_and_clear_dirty_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_read_and_clear_dirty_args),
  .value = iommu_read_and_clear_dirty_value_members, .value_size = sizeof(struct iommu_read_and_clear_dirty_value), .refuses = true,
};

static int32_t call_iommu_read_and_clear_dirty(const void *from, void *to) {
  const struct iommu_read_and_clear_dirty_args *args = from;
  struct iommu_read_and_clear_dirty_value *value = to;
  return iommu_read_and_clear_dirty(args->domain, &args->range, &value->value, &value->value_size);
}

struct iommu_page_response_args {
  struct tck_page_response response;
};
static const struct member iommu_page_response_args_members[] = {
  { TEXT("response"), .shape = &page_response_shape, .offset = offsetof(struct iommu_page_response_args, response) },
};
static const struct method iommu_page_response_method = {
  METHOD("iommu.pageResponse"),
  .args = iommu_page_response_args_members, .arg_count = 1, .args_size = sizeof(struct iommu_page_response_args), .refuses = true,
};

static int32_t call_iommu_page_response(const void *from, void *to) {
  const struct iommu_page_response_args *args = from;
  (void)to;
  return iommu_page_response(&args->response);
}

struct iommu_irq_args {
  uint32_t iommu;
  const char *line;
};
static const struct member iommu_irq_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct iommu_irq_args, iommu) },
  { TEXT("line"), .shape = &text_shape, .offset = offsetof(struct iommu_irq_args, line) },
};
static const struct method iommu_irq_method = {
  METHOD("iommu.irq"),
  .args = iommu_irq_args_members, .arg_count = 2, .args_size = sizeof(struct iommu_irq_args), .refuses = true,
};

static int32_t call_iommu_irq(const void *from, void *to) {
  const struct iommu_irq_args *args = from;
  (void)to;
  return iommu_irq(args->iommu, args->line);
}

struct iommufd_open_value {
  uint32_t value;
};
static const struct member iommufd_open_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_open_value, value) },
};
static const struct method iommufd_open_method = {
  METHOD("iommufd.open"),
  .value = iommufd_open_value_members, .value_size = sizeof(struct iommufd_open_value), .refuses = true,
};

static int32_t call_iommufd_open(const void *from, void *to) {
  (void)from;
  struct iommufd_open_value *value = to;
  return iommufd_open(&value->value);
}

struct iommufd_close_args {
  uint32_t file;
};
static const struct member iommufd_close_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_close_args, file) },
};
static const struct method iommufd_close_method = {
  METHOD("iommufd.close"),
  .args = iommufd_close_args_members, .arg_count = 1, .args_size = sizeof(struct iommufd_close_args), .refuses = true,
};

static int32_t call_iommufd_close(const void *from, void *to) {
  const struct iommufd_close_args *args = from;
  (void)to;
  return iommufd_close(args->file);
}

struct iommufd_user_alloc_args {
  uint32_t length;
  uint32_t writable;
};
static const struct member iommufd_user_alloc_args_members[] = {
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct iommufd_user_alloc_args, length) },
  { TEXT("writable"), .shape = &flag_shape, .offset = offsetof(struct iommufd_user_alloc_args, writable) },
};
struct iommufd_user_alloc_value {
  uint64_t value;
};
static const struct member iommufd_user_alloc_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct iommufd_user_alloc_value, value) },
};
static const struct method iommufd_user_alloc_method = {
  METHOD("iommufd.userAlloc"),
  .args = iommufd_user_alloc_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_user_alloc_args),
  .value = iommufd_user_alloc_value_members, .value_size = sizeof(struct iommufd_user_alloc_value), .refuses = true,
};

static int32_t call_iommufd_user_alloc(const void *from, void *to) {
  const struct iommufd_user_alloc_args *args = from;
  struct iommufd_user_alloc_value *value = to;
  return iommufd_user_alloc(args->length, args->writable, &value->value);
}

struct iommufd_user_read_args {
  uint64_t address;
  uint32_t length;
};
static const struct member iommufd_user_read_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct iommufd_user_read_args, address) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct iommufd_user_read_args, length) },
};
struct iommufd_user_read_value {
  const uint8_t *value;
  uint32_t value_size;
};
static const struct member iommufd_user_read_value_members[] = {
  { TEXT("value"), .shape = &bytes_shape, .offset = offsetof(struct iommufd_user_read_value, value), .count_offset = offsetof(struct iommufd_user_read_value, value_size) },
};
static const struct method iommufd_user_read_method = {
  METHOD("iommufd.userRead"),
  .args = iommufd_user_read_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_user_read_args),
  .value = iommufd_user_read_value_members, .value_size = sizeof(struct iommufd_user_read_value), .refuses = true,
};

static int32_t call_iommufd_user_read(const void *from, void *to) {
  const struct iommufd_user_read_args *args = from;
  struct iommufd_user_read_value *value = to;
  return iommufd_user_read(args->address, args->length, &value->value, &value->value_size);
}

struct iommufd_user_write_args {
  uint64_t address;
  const uint8_t *bytes;
  uint32_t bytes_size;
};
static const struct member iommufd_user_write_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct iommufd_user_write_args, address) },
  { TEXT("bytes"), .shape = &bytes_shape, .offset = offsetof(struct iommufd_user_write_args, bytes), .count_offset = offsetof(struct iommufd_user_write_args, bytes_size) },
};
static const struct method iommufd_user_write_method = {
  METHOD("iommufd.userWrite"),
  .args = iommufd_user_write_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_user_write_args), .refuses = true,
};

static int32_t call_iommufd_user_write(const void *from, void *to) {
  const struct iommufd_user_write_args *args = from;
  (void)to;
  return iommufd_user_write(args->address, args->bytes, args->bytes_size);
}

struct iommufd_ioctl_args {
  uint32_t file;
  uint32_t request;
  uint64_t argument;
};
static const struct member iommufd_ioctl_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_ioctl_args, file) },
  { TEXT("request"), .shape = &u32_shape, .offset = offsetof(struct iommufd_ioctl_args, request) },
  { TEXT("argument"), .shape = &word_shape, .offset = offsetof(struct iommufd_ioctl_args, argument) },
};
struct iommufd_ioctl_value {
  uint32_t value;
};
static const struct member iommufd_ioctl_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_ioctl_value, value) },
};
static const struct method iommufd_ioctl_method = {
  METHOD("iommufd.ioctl"),
  .args = iommufd_ioctl_args_members, .arg_count = 3, .args_size = sizeof(struct iommufd_ioctl_args),
  .value = iommufd_ioctl_value_members, .value_size = sizeof(struct iommufd_ioctl_value), .refuses = true,
};

static int32_t call_iommufd_ioctl(const void *from, void *to) {
  const struct iommufd_ioctl_args *args = from;
  struct iommufd_ioctl_value *value = to;
  return iommufd_ioctl(args->file, args->request, args->argument, &value->value);
}

struct iommufd_read_args {
  uint32_t file;
  uint64_t buffer;
  uint32_t length;
  uint64_t offset;
};
static const struct member iommufd_read_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_read_args, file) },
  { TEXT("buffer"), .shape = &word_shape, .offset = offsetof(struct iommufd_read_args, buffer) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct iommufd_read_args, length) },
  { TEXT("offset"), .shape = &word_shape, .offset = offsetof(struct iommufd_read_args, offset) },
};
struct iommufd_read_value {
  uint32_t value;
};
static const struct member iommufd_read_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_read_value, value) },
};
static const struct method iommufd_read_method = {
  METHOD("iommufd.read"),
  .args = iommufd_read_args_members, .arg_count = 4, .args_size = sizeof(struct iommufd_read_args),
  .value = iommufd_read_value_members, .value_size = sizeof(struct iommufd_read_value), .refuses = true,
};

static int32_t call_iommufd_read(const void *from, void *to) {
  const struct iommufd_read_args *args = from;
  struct iommufd_read_value *value = to;
  return iommufd_read(args->file, args->buffer, args->length, args->offset, &value->value);
}

struct iommufd_write_args {
  uint32_t file;
  uint64_t buffer;
  uint32_t length;
  uint64_t offset;
};
static const struct member iommufd_write_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_write_args, file) },
  { TEXT("buffer"), .shape = &word_shape, .offset = offsetof(struct iommufd_write_args, buffer) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct iommufd_write_args, length) },
  { TEXT("offset"), .shape = &word_shape, .offset = offsetof(struct iommufd_write_args, offset) },
};
struct iommufd_write_value {
  uint32_t value;
};
static const struct member iommufd_write_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_write_value, value) },
};
static const struct method iommufd_write_method = {
  METHOD("iommufd.write"),
  .args = iommufd_write_args_members, .arg_count = 4, .args_size = sizeof(struct iommufd_write_args),
  .value = iommufd_write_value_members, .value_size = sizeof(struct iommufd_write_value), .refuses = true,
};

static int32_t call_iommufd_write(const void *from, void *to) {
  const struct iommufd_write_args *args = from;
  struct iommufd_write_value *value = to;
  return iommufd_write(args->file, args->buffer, args->length, args->offset, &value->value);
}

struct iommufd_poll_args {
  uint32_t file;
};
static const struct member iommufd_poll_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_poll_args, file) },
};
struct iommufd_poll_value {
  struct tck_readiness value;
};
static const struct member iommufd_poll_value_members[] = {
  { TEXT("value"), .shape = &readiness_shape, .offset = offsetof(struct iommufd_poll_value, value) },
};
static const struct method iommufd_poll_method = {
  METHOD("iommufd.poll"),
  .args = iommufd_poll_args_members, .arg_count = 1, .args_size = sizeof(struct iommufd_poll_args),
  .value = iommufd_poll_value_members, .value_size = sizeof(struct iommufd_poll_value), .refuses = true,
};

static int32_t call_iommufd_poll(const void *from, void *to) {
  const struct iommufd_poll_args *args = from;
  struct iommufd_poll_value *value = to;
  return iommufd_poll(args->file, &value->value);
}

struct iommufd_mmap_args {
  uint32_t file;
  struct tck_file_mapping mapping;
};
static const struct member iommufd_mmap_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_mmap_args, file) },
  { TEXT("mapping"), .shape = &file_mapping_shape, .offset = offsetof(struct iommufd_mmap_args, mapping) },
};
struct iommufd_mmap_value {
  uint64_t value;
};
static const struct member iommufd_mmap_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct iommufd_mmap_value, value) },
};
static const struct method iommufd_mmap_method = {
  METHOD("iommufd.mmap"),
  .args = iommufd_mmap_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_mmap_args),
  .value = iommufd_mmap_value_members, .value_size = sizeof(struct iommufd_mmap_value), .refuses = true,
};

static int32_t call_iommufd_mmap(const void *from, void *to) {
  const struct iommufd_mmap_args *args = from;
  struct iommufd_mmap_value *value = to;
  return iommufd_mmap(args->file, &args->mapping, &value->value);
}

struct iommufd_munmap_args {
  uint64_t address;
  uint32_t length;
};
static const struct member iommufd_munmap_args_members[] = {
  { TEXT("address"), .shape = &word_shape, .offset = offsetof(struct iommufd_munmap_args, address) },
  { TEXT("length"), .shape = &u32_shape, .offset = offsetof(struct iommufd_munmap_args, length) },
};
static const struct method iommufd_munmap_method = {
  METHOD("iommufd.munmap"),
  .args = iommufd_munmap_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_munmap_args), .refuses = true,
};

static int32_t call_iommufd_munmap(const void *from, void *to) {
  const struct iommufd_munmap_args *args = from;
  (void)to;
  return iommufd_munmap(args->address, args->length);
}

struct iommufd_bind_args {
  uint32_t file;
  uint32_t device;
};
static const struct member iommufd_bind_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_bind_args, file) },
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct iommufd_bind_args, device) },
};
struct iommufd_bind_value {
  uint32_t value;
};
static const struct member iommufd_bind_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_bind_value, value) },
};
static const struct method iommufd_bind_method = {
  METHOD("iommufd.bind"),
  .args = iommufd_bind_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_bind_args),
  .value = iommufd_bind_value_members, .value_size = sizeof(struct iommufd_bind_value), .refuses = true,
};

static int32_t call_iommufd_bind(const void *from, void *to) {
  const struct iommufd_bind_args *args = from;
  struct iommufd_bind_value *value = to;
  return iommufd_bind(args->file, args->device, &value->value);
}

struct iommufd_unbind_args {
  uint32_t file;
  uint32_t device_id;
};
static const struct member iommufd_unbind_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_unbind_args, file) },
  { TEXT("deviceId"), .shape = &u32_shape, .offset = offsetof(struct iommufd_unbind_args, device_id) },
};
static const struct method iommufd_unbind_method = {
  METHOD("iommufd.unbind"),
  .args = iommufd_unbind_args_members, .arg_count = 2, .args_size = sizeof(struct iommufd_unbind_args), .refuses = true,
};

static int32_t call_iommufd_unbind(const void *from, void *to) {
  const struct iommufd_unbind_args *args = from;
  (void)to;
  return iommufd_unbind(args->file, args->device_id);
}

struct iommufd_attach_args {
  uint32_t file;
  uint32_t device_id;
  uint32_t pt;
  uint32_t pasid;
};
static const struct member iommufd_attach_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_attach_args, file) },
  { TEXT("deviceId"), .shape = &u32_shape, .offset = offsetof(struct iommufd_attach_args, device_id) },
  { TEXT("pt"), .shape = &u32_shape, .offset = offsetof(struct iommufd_attach_args, pt) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommufd_attach_args, pasid) },
};
struct iommufd_attach_value {
  uint32_t value;
};
static const struct member iommufd_attach_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_attach_value, value) },
};
static const struct method iommufd_attach_method = {
  METHOD("iommufd.attach"),
  .args = iommufd_attach_args_members, .arg_count = 4, .args_size = sizeof(struct iommufd_attach_args),
  .value = iommufd_attach_value_members, .value_size = sizeof(struct iommufd_attach_value), .refuses = true,
};

static int32_t call_iommufd_attach(const void *from, void *to) {
  const struct iommufd_attach_args *args = from;
  struct iommufd_attach_value *value = to;
  return iommufd_attach(args->file, args->device_id, args->pt, args->pasid, &value->value);
}

struct iommufd_replace_args {
  uint32_t file;
  uint32_t device_id;
  uint32_t pt;
  uint32_t pasid;
};
static const struct member iommufd_replace_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_replace_args, file) },
  { TEXT("deviceId"), .shape = &u32_shape, .offset = offsetof(struct iommufd_replace_args, device_id) },
  { TEXT("pt"), .shape = &u32_shape, .offset = offsetof(struct iommufd_replace_args, pt) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommufd_replace_args, pasid) },
};
struct iommufd_replace_value {
  uint32_t value;
};
static const struct member iommufd_replace_value_members[] = {
  { TEXT("value"), .shape = &u32_shape, .offset = offsetof(struct iommufd_replace_value, value) },
};
static const struct method iommufd_replace_method = {
  METHOD("iommufd.replace"),
  .args = iommufd_replace_args_members, .arg_count = 4, .args_size = sizeof(struct iommufd_replace_args),
  .value = iommufd_replace_value_members, .value_size = sizeof(struct iommufd_replace_value), .refuses = true,
};

static int32_t call_iommufd_replace(const void *from, void *to) {
  const struct iommufd_replace_args *args = from;
  struct iommufd_replace_value *value = to;
  return iommufd_replace(args->file, args->device_id, args->pt, args->pasid, &value->value);
}

struct iommufd_detach_args {
  uint32_t file;
  uint32_t device_id;
  uint32_t pasid;
};
static const struct member iommufd_detach_args_members[] = {
  { TEXT("file"), .shape = &u32_shape, .offset = offsetof(struct iommufd_detach_args, file) },
  { TEXT("deviceId"), .shape = &u32_shape, .offset = offsetof(struct iommufd_detach_args, device_id) },
  { TEXT("pasid"), .shape = &u32_shape, .offset = offsetof(struct iommufd_detach_args, pasid) },
};
static const struct method iommufd_detach_method = {
  METHOD("iommufd.detach"),
  .args = iommufd_detach_args_members, .arg_count = 3, .args_size = sizeof(struct iommufd_detach_args), .refuses = true,
};

static int32_t call_iommufd_detach(const void *from, void *to) {
  const struct iommufd_detach_args *args = from;
  (void)to;
  return iommufd_detach(args->file, args->device_id, args->pasid);
}

struct hyp_init_args {
  struct tck_hyp_init parameters;
};
static const struct member hyp_init_args_members[] = {
  { TEXT("parameters"), .shape = &hyp_init_shape, .offset = offsetof(struct hyp_init_args, parameters) },
};
static const struct method hyp_init_method = {
  METHOD("hyp.init"),
  .args = hyp_init_args_members, .arg_count = 1, .args_size = sizeof(struct hyp_init_args), .refuses = true,
};

static int32_t call_hyp_init(const void *from, void *to) {
  const struct hyp_init_args *args = from;
  (void)to;
  return hyp_init(&args->parameters);
}

struct hyp_init_device_args {
  struct tck_hyp_device device;
};
static const struct member hyp_init_device_args_members[] = {
  { TEXT("device"), .shape = &hyp_device_shape, .offset = offsetof(struct hyp_init_device_args, device) },
};
static const struct method hyp_init_device_method = {
  METHOD("hyp.initDevice"),
  .args = hyp_init_device_args_members, .arg_count = 1, .args_size = sizeof(struct hyp_init_device_args), .refuses = true,
};

static int32_t call_hyp_init_device(const void *from, void *to) {
  const struct hyp_init_device_args *args = from;
  (void)to;
  return hyp_init_device(&args->device);
}

struct hyp_alloc_domain_args {
  uint32_t iommu;
  uint32_t domain;
  uint64_t pgd;
};
static const struct member hyp_alloc_domain_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_alloc_domain_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_alloc_domain_args, domain) },
  { TEXT("pgd"), .shape = &word_shape, .offset = offsetof(struct hyp_alloc_domain_args, pgd) },
};
static const struct method hyp_alloc_domain_method = {
  METHOD("hyp.allocDomain"),
  .args = hyp_alloc_domain_args_members, .arg_count = 3, .args_size = sizeof(struct hyp_alloc_domain_args), .refuses = true,
};

static int32_t call_hyp_alloc_domain(const void *from, void *to) {
  const struct hyp_alloc_domain_args *args = from;
  (void)to;
  return hyp_alloc_domain(args->iommu, args->domain, args->pgd);
}

struct hyp_free_domain_args {
  uint32_t iommu;
  uint32_t domain;
};
static const struct member hyp_free_domain_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_free_domain_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_free_domain_args, domain) },
};
static const struct method hyp_free_domain_method = {
  METHOD("hyp.freeDomain"),
  .args = hyp_free_domain_args_members, .arg_count = 2, .args_size = sizeof(struct hyp_free_domain_args), .refuses = true,
};

static int32_t call_hyp_free_domain(const void *from, void *to) {
  const struct hyp_free_domain_args *args = from;
  (void)to;
  return hyp_free_domain(args->iommu, args->domain);
}

struct hyp_attach_dev_args {
  uint32_t iommu;
  uint32_t domain;
  uint32_t endpoint;
};
static const struct member hyp_attach_dev_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_attach_dev_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_attach_dev_args, domain) },
  { TEXT("endpoint"), .shape = &u32_shape, .offset = offsetof(struct hyp_attach_dev_args, endpoint) },
};
static const struct method hyp_attach_dev_method = {
  METHOD("hyp.attachDev"),
  .args = hyp_attach_dev_args_members, .arg_count = 3, .args_size = sizeof(struct hyp_attach_dev_args), .refuses = true,
};

static int32_t call_hyp_attach_dev(const void *from, void *to) {
  const struct hyp_attach_dev_args *args = from;
  (void)to;
  return hyp_attach_dev(args->iommu, args->domain, args->endpoint);
}

struct hyp_detach_dev_args {
  uint32_t iommu;
  uint32_t domain;
  uint32_t endpoint;
};
static const struct member hyp_detach_dev_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_detach_dev_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_detach_dev_args, domain) },
  { TEXT("endpoint"), .shape = &u32_shape, .offset = offsetof(struct hyp_detach_dev_args, endpoint) },
};
static const struct method hyp_detach_dev_method = {
  METHOD("hyp.detachDev"),
  .args = hyp_detach_dev_args_members, .arg_count = 3, .args_size = sizeof(struct hyp_detach_dev_args), .refuses = true,
};

static int32_t call_hyp_detach_dev(const void *from, void *to) {
  const struct hyp_detach_dev_args *args = from;
  (void)to;
  return hyp_detach_dev(args->iommu, args->domain, args->endpoint);
}

struct hyp_map_pages_args {
  uint32_t iommu;
  uint32_t domain;
  uint64_t iova;
  uint64_t pa;
  uint64_t page_size;
  uint64_t page_count;
  uint32_t prot;
};
static const struct member hyp_map_pages_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_map_pages_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_map_pages_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct hyp_map_pages_args, iova) },
  { TEXT("pa"), .shape = &word_shape, .offset = offsetof(struct hyp_map_pages_args, pa) },
  { TEXT("pageSize"), .shape = &word_shape, .offset = offsetof(struct hyp_map_pages_args, page_size) },
  { TEXT("pageCount"), .shape = &word_shape, .offset = offsetof(struct hyp_map_pages_args, page_count) },
  { TEXT("prot"), .shape = &u32_shape, .offset = offsetof(struct hyp_map_pages_args, prot) },
};
struct hyp_map_pages_value {
  uint64_t value;
};
static const struct member hyp_map_pages_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct hyp_map_pages_value, value) },
};
static const struct method hyp_map_pages_method = {
  METHOD("hyp.mapPages"),
  .args = hyp_map_pages_args_members, .arg_count = 7, .args_size = sizeof(struct hyp_map_pages_args),
  .value = hyp_map_pages_value_members, .value_size = sizeof(struct hyp_map_pages_value), .refuses = true,
};

static int32_t call_hyp_map_pages(const void *from, void *to) {
  const struct hyp_map_pages_args *args = from;
  struct hyp_map_pages_value *value = to;
  return hyp_map_pages(args->iommu, args->domain, args->iova, args->pa, args->page_size, args->page_count, args->prot, &value->value);
}

struct hyp_unmap_pages_args {
  uint32_t iommu;
  uint32_t domain;
  uint64_t iova;
  uint64_t page_size;
  uint64_t page_count;
};
static const struct member hyp_unmap_pages_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_unmap_pages_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_unmap_pages_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct hyp_unmap_pages_args, iova) },
  { TEXT("pageSize"), .shape = &word_shape, .offset = offsetof(struct hyp_unmap_pages_args, page_size) },
  { TEXT("pageCount"), .shape = &word_shape, .offset = offsetof(struct hyp_unmap_pages_args, page_count) },
};
struct hyp_unmap_pages_value {
  uint64_t value;
};
static const struct member hyp_unmap_pages_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct hyp_unmap_pages_value, value) },
};
static const struct method hyp_unmap_pages_method = {
  METHOD("hyp.unmapPages"),
  .args = hyp_unmap_pages_args_members, .arg_count = 5, .args_size = sizeof(struct hyp_unmap_pages_args),
  .value = hyp_unmap_pages_value_members, .value_size = sizeof(struct hyp_unmap_pages_value), .refuses = true,
};

static int32_t call_hyp_unmap_pages(const void *from, void *to) {
  const struct hyp_unmap_pages_args *args = from;
  struct hyp_unmap_pages_value *value = to;
  return hyp_unmap_pages(args->iommu, args->domain, args->iova, args->page_size, args->page_count, &value->value);
}

struct hyp_iova_to_phys_args {
  uint32_t iommu;
  uint32_t domain;
  uint64_t iova;
};
static const struct member hyp_iova_to_phys_args_members[] = {
  { TEXT("iommu"), .shape = &u32_shape, .offset = offsetof(struct hyp_iova_to_phys_args, iommu) },
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct hyp_iova_to_phys_args, domain) },
  { TEXT("iova"), .shape = &word_shape, .offset = offsetof(struct hyp_iova_to_phys_args, iova) },
};
struct hyp_iova_to_phys_value {
  uint64_t value;
};
static const struct member hyp_iova_to_phys_value_members[] = {
  { TEXT("value"), .shape = &word_shape, .offset = offsetof(struct hyp_iova_to_phys_value, value) },
};
static const struct method hyp_iova_to_phys_method = {
  METHOD("hyp.iovaToPhys"),
  .args = hyp_iova_to_phys_args_members, .arg_count = 3, .args_size = sizeof(struct hyp_iova_to_phys_args),
  .value = hyp_iova_to_phys_value_members, .value_size = sizeof(struct hyp_iova_to_phys_value), .refuses = true,
};

static int32_t call_hyp_iova_to_phys(const void *from, void *to) {
  const struct hyp_iova_to_phys_args *args = from;
  struct hyp_iova_to_phys_value *value = to;
  return hyp_iova_to_phys(args->iommu, args->domain, args->iova, &value->value);
}

struct cache_invalidate_args {
  uint32_t domain;
  uint32_t device;
  struct tck_user_data data;
};
static const struct member cache_invalidate_args_members[] = {
  { TEXT("domain"), .shape = &u32_shape, .offset = offsetof(struct cache_invalidate_args, domain) },
  { TEXT("device"), .shape = &u32_shape, .offset = offsetof(struct cache_invalidate_args, device) },
  { TEXT("data"), .shape = &user_data_shape, .offset = offsetof(struct cache_invalidate_args, data) },
};
struct cache_invalidate_value {
  struct tck_invalidated value;
};
static const struct member cache_invalidate_value_members[] = {
  { TEXT("value"), .shape = &invalidated_shape, .offset = offsetof(struct cache_invalidate_value, value) },
};
static const struct method cache_invalidate_method = {
  METHOD("cache-invalidate.cacheInvalidate"),
  .args = cache_invalidate_args_members, .arg_count = 3, .args_size = sizeof(struct cache_invalidate_args),
  .value = cache_invalidate_value_members, .value_size = sizeof(struct cache_invalidate_value), .refuses = true,
};

static int32_t call_cache_invalidate(const void *from, void *to) {
  const struct cache_invalidate_args *args = from;
  struct cache_invalidate_value *value = to;
  return cache_invalidate(args->domain, args->device, &args->data, &value->value);
}

static const struct entry entries[] = {
  { &driver_start_method, "driver_start", (void (*)(void))driver_start, call_driver_start },
  { &driver_stop_method, "driver_stop", (void (*)(void))driver_stop, call_driver_stop },
  { &iommu_probe_device_method, "iommu_probe_device", (void (*)(void))iommu_probe_device, call_iommu_probe_device },
  { &iommu_release_device_method, "iommu_release_device", (void (*)(void))iommu_release_device, call_iommu_release_device },
  { &iommu_reserved_regions_method, "iommu_reserved_regions", (void (*)(void))iommu_reserved_regions, call_iommu_reserved_regions },
  { &iommu_hw_info_method, "iommu_hw_info", (void (*)(void))iommu_hw_info, call_iommu_hw_info },
  { &iommu_capable_method, "iommu_capable", (void (*)(void))iommu_capable, call_iommu_capable },
  { &iommu_domain_alloc_method, "iommu_domain_alloc", (void (*)(void))iommu_domain_alloc, call_iommu_domain_alloc },
  { &iommu_domain_info_method, "iommu_domain_info", (void (*)(void))iommu_domain_info, call_iommu_domain_info },
  { &iommu_domain_free_method, "iommu_domain_free", (void (*)(void))iommu_domain_free, call_iommu_domain_free },
  { &iommu_attach_method, "iommu_attach", (void (*)(void))iommu_attach, call_iommu_attach },
  { &iommu_detach_method, "iommu_detach", (void (*)(void))iommu_detach, call_iommu_detach },
  { &iommu_replace_method, "iommu_replace", (void (*)(void))iommu_replace, call_iommu_replace },
  { &iommu_map_method, "iommu_map", (void (*)(void))iommu_map, call_iommu_map },
  { &iommu_unmap_method, "iommu_unmap", (void (*)(void))iommu_unmap, call_iommu_unmap },
  { &iommu_unmap_pages_method, "iommu_unmap_pages", (void (*)(void))iommu_unmap_pages, call_iommu_unmap_pages },
  { &iommu_iotlb_sync_method, "iommu_iotlb_sync", (void (*)(void))iommu_iotlb_sync, call_iommu_iotlb_sync },
  { &iommu_iova_to_phys_method, "iommu_iova_to_phys", (void (*)(void))iommu_iova_to_phys, call_iommu_iova_to_phys },
  { &iommu_cache_invalidate_method, "iommu_cache_invalidate", (void (*)(void))iommu_cache_invalidate, call_iommu_cache_invalidate },
  { &iommu_viommu_alloc_method, "iommu_viommu_alloc", (void (*)(void))iommu_viommu_alloc, call_iommu_viommu_alloc },
  { &iommu_viommu_free_method, "iommu_viommu_free", (void (*)(void))iommu_viommu_free, call_iommu_viommu_free },
  { &iommu_vdevice_alloc_method, "iommu_vdevice_alloc", (void (*)(void))iommu_vdevice_alloc, call_iommu_vdevice_alloc },
  { &iommu_vdevice_free_method, "iommu_vdevice_free", (void (*)(void))iommu_vdevice_free, call_iommu_vdevice_free },
  { &iommu_enforce_coherency_method, "iommu_enforce_coherency", (void (*)(void))iommu_enforce_coherency, call_iommu_enforce_coherency },
  { &iommu_set_dirty_tracking_method, "iommu_set_dirty_tracking", (void (*)(void))iommu_set_dirty_tracking, call_iommu_set_dirty_tracking },
  { &iommu_read_and_clear_dirty_method, "iommu_read_and_clear_dirty", (void (*)(void))iommu_read_and_clear_dirty, call_iommu_read_and_clear_dirty },
  { &iommu_page_response_method, "iommu_page_response", (void (*)(void))iommu_page_response, call_iommu_page_response },
  { &iommu_irq_method, "iommu_irq", (void (*)(void))iommu_irq, call_iommu_irq },
  { &iommufd_open_method, "iommufd_open", (void (*)(void))iommufd_open, call_iommufd_open },
  { &iommufd_close_method, "iommufd_close", (void (*)(void))iommufd_close, call_iommufd_close },
  { &iommufd_user_alloc_method, "iommufd_user_alloc", (void (*)(void))iommufd_user_alloc, call_iommufd_user_alloc },
  { &iommufd_user_read_method, "iommufd_user_read", (void (*)(void))iommufd_user_read, call_iommufd_user_read },
  { &iommufd_user_write_method, "iommufd_user_write", (void (*)(void))iommufd_user_write, call_iommufd_user_write },
  { &iommufd_ioctl_method, "iommufd_ioctl", (void (*)(void))iommufd_ioctl, call_iommufd_ioctl },
  { &iommufd_read_method, "iommufd_read", (void (*)(void))iommufd_read, call_iommufd_read },
  { &iommufd_write_method, "iommufd_write", (void (*)(void))iommufd_write, call_iommufd_write },
  { &iommufd_poll_method, "iommufd_poll", (void (*)(void))iommufd_poll, call_iommufd_poll },
  { &iommufd_mmap_method, "iommufd_mmap", (void (*)(void))iommufd_mmap, call_iommufd_mmap },
  { &iommufd_munmap_method, "iommufd_munmap", (void (*)(void))iommufd_munmap, call_iommufd_munmap },
  { &iommufd_bind_method, "iommufd_bind", (void (*)(void))iommufd_bind, call_iommufd_bind },
  { &iommufd_unbind_method, "iommufd_unbind", (void (*)(void))iommufd_unbind, call_iommufd_unbind },
  { &iommufd_attach_method, "iommufd_attach", (void (*)(void))iommufd_attach, call_iommufd_attach },
  { &iommufd_replace_method, "iommufd_replace", (void (*)(void))iommufd_replace, call_iommufd_replace },
  { &iommufd_detach_method, "iommufd_detach", (void (*)(void))iommufd_detach, call_iommufd_detach },
  { &hyp_init_method, "hyp_init", (void (*)(void))hyp_init, call_hyp_init },
  { &hyp_init_device_method, "hyp_init_device", (void (*)(void))hyp_init_device, call_hyp_init_device },
  { &hyp_alloc_domain_method, "hyp_alloc_domain", (void (*)(void))hyp_alloc_domain, call_hyp_alloc_domain },
  { &hyp_free_domain_method, "hyp_free_domain", (void (*)(void))hyp_free_domain, call_hyp_free_domain },
  { &hyp_attach_dev_method, "hyp_attach_dev", (void (*)(void))hyp_attach_dev, call_hyp_attach_dev },
  { &hyp_detach_dev_method, "hyp_detach_dev", (void (*)(void))hyp_detach_dev, call_hyp_detach_dev },
  { &hyp_map_pages_method, "hyp_map_pages", (void (*)(void))hyp_map_pages, call_hyp_map_pages },
  { &hyp_unmap_pages_method, "hyp_unmap_pages", (void (*)(void))hyp_unmap_pages, call_hyp_unmap_pages },
  { &hyp_iova_to_phys_method, "hyp_iova_to_phys", (void (*)(void))hyp_iova_to_phys, call_hyp_iova_to_phys },
  { &cache_invalidate_method, "cache_invalidate", (void (*)(void))cache_invalidate, call_cache_invalidate },
};

#endif
