@area:identifiers @needs:hyp
Feature: Domain identifiers and where their descriptors lie

  @rule:PKVM-ID-01 @kind:patch
  Rule: At most 65536 domain ids exist for an IOMMU

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "#define KVM_IOMMU_MAX_DOMAINS (1 << 16)"

    Example: the last id is usable and the one after it is not
      Given SMMU 0 has 65536 domains
      When the host allocates domain 65535
      Then allocating domain 65536 is refused with EINVAL

    Example: whatever the back end would take
      Given the back end is scripted
      And SMMU 0 has 65536 domains
      Then allocating domain 65536 is refused with EINVAL

  @rule:PKVM-ID-02 @kind:patch
  Rule: The number of domains is exclusive: an id equal to it is invalid

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "max number of domains (exclusive)"

    Scenario Outline: <count> domains
      Given SMMU 0 has <count> domains
      When the host allocates domain <last>
      Then allocating domain <count> is refused with EINVAL
      And allocating domain <beyond> is refused with EINVAL

      Examples:
        | count | last  | beyond |
        | 1     | 0     | 2      |
        | 255   | 254   | 256    |
        | 256   | 255   | 257    |
        | 257   | 256   | 258    |
        | 300   | 299   | 301    |
        | 1023  | 1022  | 1024   |
        | 1025  | 1024  | 1026   |
        | 4097  | 4096  | 4098   |
        | 65535 | 65534 | 65536  |

  @rule:PKVM-ID-03 @kind:patch
  Rule: Without domains every id is refused

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain_id >= iommu->nr_domains)"

    Example: id 0 of an IOMMU that has none
      Given SMMU 0 has 0 domains
      And CPU 0 has 8 pages in its memcache
      Then every call for domain 0 is refused with EINVAL
      And CPU 0 has 8 pages left

  @rule:PKVM-ID-04 @kind:patch
  Rule: The same id on two IOMMUs names two domains

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Each IOMMU device holds an array of domains"

    Example: it is allocated on both
      Given there are 2 SMMUs
      And the host allocates domain 5
      Then allocating domain 5 on SMMU 1 is accepted

    Example: freeing it on one leaves the other attachable
      Given there are 2 SMMUs
      And d2 is endpoint 2 behind SMMU 1
      And the host allocates domain 5
      And the host allocates domain 5 on SMMU 1
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write on SMMU 1
      And the host frees domain 5
      When the host attaches endpoint 2 to domain 5 on SMMU 1
      Then d2 reading 0x1000 reaches PA 0x8000_0000

    Example: their references are counted apart
      Given there are 2 SMMUs
      And the back end is scripted
      And the host allocates domain 5
      And the host allocates domain 5 on SMMU 1
      When the host attaches endpoint 1 to domain 5 on SMMU 1
      Then freeing domain 5 on SMMU 1 is refused with EINVAL
      And freeing domain 5 is accepted

  @rule:PKVM-ID-05 @kind:patch
  Rule: An unknown IOMMU is refused before any table is looked at

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "iommu = kvm_iommu_ops.get_iommu_by_id(iommu_id);"

    Scenario Outline: IOMMU <id>
      Given CPU 0 has 8 pages in its memcache
      Then every call for domain 0 on SMMU <id> is refused with EINVAL
      And CPU 0 has 8 pages left
      And CPU 0 needs no page

      Examples:
        | id          |
        | 1           |
        | 7           |
        | 0xffff_ffff |

  @rule:PKVM-ID-06 @kind:patch
  Rule: An id out of range costs no page

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (domain_id >= iommu->nr_domains)"

    Example: full memcache, first id beyond the range
      Given SMMU 0 has 300 domains
      And CPU 0 has 8 pages in its memcache
      Then every call for domain 300 is refused with EINVAL
      And CPU 0 has 8 pages left

  @rule:PKVM-ID-07 @kind:patch @needs:domain-table
  Rule: The speculation clamp changes no id in range and rescues none out of range

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "array_index_nospec(domain_id, iommu->nr_domains)"

    Example: every id in range has a descriptor of its own
      Given SMMU 0 has 300 domains
      When the host allocates domains 0 to 299
      Then domains 0 to 299 have 1 reference each

    Example: an id out of range is not id 0
      Given SMMU 0 has 300 domains
      When the host allocates domain 300, refused with EINVAL
      Then domain 0 has 0 references

  @rule:PKVM-ID-08 @kind:patch @needs:domain-table
  Rule: With 4 KiB pages a leaf has 256 descriptors and the root 256 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "the leaf table contains 256 domains"

    Example: the leaves of ids 0, 255, 256 and 65535
      Given the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 255
      And the host allocates domain 0
      And the host allocates domain 256
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 255 has 1 reference
      And domain 256 has 1 reference
      And the hypervisor has mapped 2048 bytes of the root table of SMMU 0

  @rule:PKVM-ID-09 @kind:patch @needs:domain-table
  Rule: With 16 KiB pages a leaf has 1024 descriptors and the root 64 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "(PAGE_SIZE / sizeof(struct kvm_hyp_iommu_domain))"

    Example: the leaves of ids 0, 1023, 1024 and 65535
      Given the hypervisor has pages of 16 KiB
      And the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 1023
      And the host allocates domain 0
      And the host allocates domain 1024
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 1023 has 1 reference
      And the hypervisor has mapped 512 bytes of the root table of SMMU 0

  @rule:PKVM-ID-10 @kind:patch @needs:domain-table
  Rule: With 64 KiB pages a leaf has 4096 descriptors and the root 16 pointers

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "With 64kB pages, the leaf table contains 4096"

    Example: the leaves of ids 0, 4095, 4096 and 65535
      Given the hypervisor has pages of 64 KiB
      And the back end is scripted
      And CPU 0 has 8 pages in its memcache
      When the host allocates domain 4095
      And the host allocates domain 0
      And the host allocates domain 4096
      And the host allocates domain 65535
      Then CPU 0 has 5 pages left
      And domain 4095 has 1 reference
      And the hypervisor has mapped 128 bytes of the root table of SMMU 0

  @rule:PKVM-ID-11 @rule:PKVM-ID-12 @kind:hardened @needs:domain-table
  Rule: No id that is accepted leads past the end of the root table

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "#define KVM_IOMMU_DOMAINS_ROOT_ENTRIES"

    Scenario Outline: <count> domains, id <id>
      Given SMMU 0 has <count> domains
      When the host allocates domain <id>, <answer>
      Then nothing was written beyond the root table of SMMU 0

      Examples:
        | count | id     | answer              |
        | 65536 | 65535  | accepted            |
        | 65537 | 65536  | refused with EINVAL |
        | 70000 | 65536  | refused with EINVAL |
        | 70000 | 69999  | refused with EINVAL |
