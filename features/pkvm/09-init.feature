@area:init @needs:hyp
Feature: Initialisation, and what is trusted until when

  @rule:PKVM-INIT-01 @rule:PKVM-INIT-02 @kind:patch
  Rule: Without one of the five operations init answers ENODEV, before it maps anything

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "return -ENODEV;"

    Scenario Outline: without <operation>
      Given the hypervisor is not initialised
      And the back end lacks <operation>
      When the hypervisor initialises, refused with ENODEV
      Then the hypervisor has mapped nothing

      Examples:
        | operation    |
        | getIommuById |
        | allocIopt    |
        | freeIopt     |
        | attachDev    |
        | detachDev    |

  @rule:PKVM-INIT-03 @kind:patch
  Rule: The error of mapping the memcaches is the answer of init

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "return pkvm_create_mappings(kvm_hyp_iommu_memcaches,"

    Scenario Outline: <errno>
      Given the hypervisor is not initialised
      And mapping number 1 at EL2 fails with <errno>
      When the hypervisor initialises, refused with <errno>
      Then the hypervisor has mapped nothing

      Examples:
        | errno  |
        | ENOMEM |
        | EPERM  |

  @rule:PKVM-INIT-04 @kind:patch @needs:domain-table
  Rule: The root table is mapped by its hypervisor address; the error of mapping it is the answer

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "iommu->domains = kern_hyp_va(domains);"

    Example: the table is used through the mapping
      Given the hypervisor is not initialised
      When the hypervisor initialises
      And the hypervisor initialises SMMU 0
      And the host allocates domain 65535
      Then freeing domain 65535 is accepted
      And the hypervisor has mapped 2048 bytes of the root table of SMMU 0

    Example: the mapping fails
      Given the hypervisor is not initialised
      And mapping number 2 at EL2 fails with ENOMEM
      When the hypervisor initialises
      And the hypervisor initialises SMMU 0, refused with ENOMEM
      Then the hypervisor has mapped 0 bytes of the root table of SMMU 0

  @rule:PKVM-INIT-05 @kind:hardened @needs:domain-table
  Rule: An IOMMU whose root could not be mapped is unusable

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "iommu->domains = kern_hyp_va(domains);"

    Example: the others go on
      Given there are 2 SMMUs
      And the hypervisor is not initialised
      And mapping number 2 at EL2 fails with ENOMEM
      And the hypervisor initialises
      And the hypervisor initialises SMMU 0, refused with ENOMEM
      When the hypervisor initialises SMMU 1
      Then every call for domain 5 is refused with EINVAL
      And allocating domain 5 on SMMU 1 is accepted

  @rule:PKVM-INIT-06 @kind:patch
  Rule: The back end's own init is not among the operations that must be there

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int (*init)(void);"

    Example: the five are enough
      Given the hypervisor is not initialised
      And the back end is scripted
      When the hypervisor initialises
      Then the hypervisor initialises SMMU 0
      And allocating domain 5 is accepted

  @rule:PKVM-INIT-07 @kind:patch
  Rule: Page tables are in the format of their own IOMMU

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 ".ops = &(_iommu)->pgtable->ops,"

    Example: a 4 KiB and a 64 KiB granule side by side
      Given there are 2 SMMUs
      And the hypervisor has pages of 64 KiB
      And SMMU 0 has a granule of 4 KiB
      And d2 is endpoint 2 behind SMMU 1
      And the host allocates domain 5 on SMMU 1
      And the host attaches endpoint 2 to domain 5 on SMMU 1
      When the host maps 64 KiB at 0x1_0000 in domain 5 to PA 0x8000_0000, read-write on SMMU 1
      Then d2 reading 0x1_8000 reaches PA 0x8000_8000
      And d2 reading 0x2_0000 faults

    Example: the finer granule maps a page that the other cannot
      Given there are 2 SMMUs
      And the hypervisor has pages of 64 KiB
      And SMMU 0 has a granule of 4 KiB
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x2000 faults

  @rule:PKVM-TRUST-01 @kind:patch
  Rule: What the host writes into its parameters after initialisation changes nothing

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "Parameters from the trusted host"

    Scenario Outline: the host changes <field>
      Given SMMU 0 has 300 domains
      And the host allocates domain 5
      When the host changes the parameter <field> of SMMU 0 to <value>
      Then allocating domain 301 is refused with EINVAL
      And freeing domain 5 is accepted

      Examples:
        | field     | value       |
        | nrDomains | 65536       |
        | nrDomains | 0           |
        | domains   | 0x1234_0000 |
        | granule   | 1           |

    Scenario Outline: the host changes <field> before it maps
      Given the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      And the host changes the parameter <field> of SMMU 0 to <value>
      When the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d1 reading 0x2000 faults

      Examples:
        | field   | value    |
        | granule | 0x1_0000 |
        | granule | 0        |
        | ias     | 12       |
        | oas     | 12       |
        | mmio    | 1        |

  @rule:PKVM-TRUST-02 @kind:patch
  Rule: No value from the host makes the hypervisor fail

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "pkvm_handle_t domain_id"

    Example: an endpoint that was never attached is detached, and the domain of another freed
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And d1 reads 0x1000
      When the host detaches endpoint 2 from domain 5, accepted or refused
      And the host frees domain 5, refused
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    @heavy
    Example: calls with numbers of every kind
      Given there are 2 SMMUs
      Then 2000 random calls of the host are answered

    @heavy
    Example: over a back end that also refuses
      Given the back end is scripted
      And the back end refuses at random
      Then 2000 random calls of the host are answered

  @rule:PKVM-DES-01 @kind:patch
  Rule: Endpoints that share a domain need no page tables of their own

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "reduce the amount of memory required for page tables"

    Example: eight endpoints cost no page more than one
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And CPU 0 has 8 pages in its memcache
      When the host attaches endpoints 2 to 8 to domain 5
      Then CPU 0 has 8 pages left
      And d8 reading 0x1000 reaches PA 0x8000_0000
