@area:attach @needs:hyp
Feature: Attaching an endpoint

  @rule:PKVM-ATT-01 @kind:patch
  Rule: A domain that is not allocated is not attached, and the back end is not asked

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domain || !domain->refs"

    Example: before it is allocated
      Given the back end is scripted
      And the host allocates domain 6
      When the host attaches endpoint 1 to domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:6"

  @rule:PKVM-ATT-02 @kind:patch @needs:domain-table
  Rule: References at UINT_MAX refuse one more

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs == UINT_MAX"

    Example: the count does not wrap
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given 0xffff_ffff references
      When the host attaches endpoint 1 to domain 5, refused with EINVAL
      Then domain 5 has 0xffff_ffff references
      And the back end has seen "allocIopt 0:5"

  @rule:PKVM-ATT-03 @kind:patch @needs:domain-table
  Rule: The last reference is given out

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs == UINT_MAX"

    Example: one below the limit
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given 0xffff_fffe references
      When the host attaches endpoint 1 to domain 5
      Then domain 5 has 0xffff_ffff references
      And attaching endpoint 2 to domain 5 is refused with EINVAL

  @rule:PKVM-ATT-04 @kind:patch
  Rule: The back end's refusal is the answer, and no reference is taken

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (ret) goto out_unlock;"

    Scenario Outline: <errno>
      Given the back end answers attachDev with <errno>
      And the host allocates domain 5
      When the host attaches endpoint 1 to domain 5, refused with <errno>
      Then freeing domain 5 is accepted

      Examples:
        | errno  |
        | EBUSY  |
        | ENOMEM |
        | EIO    |
        | EINVAL |

  @rule:PKVM-ATT-05 @kind:patch
  Rule: An attach adds exactly one reference

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs++"

    Example: three attaches, three detaches
      Given the back end is scripted
      And the host allocates domain 5
      When the host attaches endpoints 1 to 3 to domain 5
      And the host detaches endpoints 1 to 2 from domain 5
      Then freeing domain 5 is refused with EINVAL
      And detaching endpoint 3 from domain 5 is accepted
      And freeing domain 5 is accepted

    @needs:domain-table
    Scenario Outline: one more than <refs>
      Given the back end is scripted
      And the host allocates domain 5
      And domain 5 is given <refs> references
      When the host attaches endpoint 1 to domain 5
      Then domain 5 has <more> references

      Examples:
        | refs        | more        |
        | 1           | 2           |
        | 2           | 3           |
        | 255         | 256         |
        | 256         | 257         |
        | 65535       | 65536       |
        | 65536       | 65537       |
        | 0x7fff_ffff | 0x8000_0000 |
        | 0x8000_0000 | 0x8000_0001 |

  @rule:PKVM-ATT-06 @kind:patch
  Rule: Endpoints of one domain share its page table

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "share the same page tables between multiple devices"

    Example: one mapping serves both
      Given the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host attaches endpoint 2 to domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then d1 writing 0x1000 reaches PA 0x8000_0000
      And d2 writing 0x1000 reaches PA 0x8000_0000
      And endpoints 1 and 2 walk one table

  @rule:PKVM-ATT-07 @kind:patch
  Rule: Attaching programs the device table, and before it the endpoint is blocked

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "initializes the device table that holds the PGD"

    Example: before
      When the host allocates domain 5
      Then d1 reading 0x8000_0000 faults

    Example: before and after
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And d1 reading 0x1000 faults
      When the host attaches endpoint 1 to domain 5
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And d2 reading 0x1000 faults

    Example: commands go round a small queue
      Given SMMU 0 has a command queue of 8 entries
      And the host allocates domain 5
      When the host attaches endpoint 1 to domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then d1 reading 0x1000 reaches PA 0x8000_0000

    Example: an SMMU that does not see what is in the processors' caches
      Given the SMMUs do not snoop
      And the hypervisor is not initialised
      When the hypervisor initialises
      And the hypervisor initialises SMMU 0
      And the host allocates domain 5
      And the host maps 8 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      Then d1 reading 0x2000 reaches PA 0x8000_1000
      And d1 reading 0x3_d000 faults

    Example: two domains whose ids differ only beyond 8 bits
      Given the host allocates domain 5
      And the host allocates domain 261
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And d1 reads 0x1000
      When the host attaches endpoint 2 to domain 261
      Then d2 reading 0x1000 faults
      And d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:PKVM-ATT-08 @kind:patch
  Rule: The endpoint id reaches the back end with all its 32 bits

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "u32 endpoint_id"

    Scenario Outline: endpoint <id>
      Given the back end is scripted
      And the host allocates domain 5
      When the host attaches endpoint <id> to domain 5
      Then the back end has seen "allocIopt 0:5, attachDev 0:5 endpoint <id> root 0x1000"

      Examples:
        | id          |
        | 0x0         |
        | 0x1         |
        | 0x1_0001    |
        | 0xffff_ffff |

    Example: in a device table of two levels
      Given SMMU 0 has a two-level stream table
      And the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      When the host attaches endpoint 0x13d to domain 5
      Then d317 reading 0x1000 reaches PA 0x8000_0000
      And d61 reading 0x1000 faults
      And attaching endpoint 0x1_003d to domain 5 is refused

  @rule:PKVM-ATT-09 @kind:hardened
  Rule: An endpoint is not attached to its domain twice

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int kvm_iommu_attach_dev(pkvm_handle_t iommu_id, pkvm_handle_t domain_id,"

    Example: the second attach takes no reference
      Given the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host attaches endpoint 1 to domain 5, refused
      Then detaching endpoint 1 from domain 5 is accepted
      And freeing domain 5 is accepted

  @rule:PKVM-ATT-10 @kind:hardened
  Rule: An endpoint of one domain is not attached to another

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int kvm_iommu_attach_dev(pkvm_handle_t iommu_id, pkvm_handle_t domain_id,"

    Example: its translation stays
      Given the host allocates domain 5
      And the host allocates domain 6
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      When the host attaches endpoint 1 to domain 6, refused
      Then d1 reading 0x1000 reaches PA 0x8000_0000
      And freeing domain 6 is accepted

  @rule:PKVM-ATT-11 @kind:hardened
  Rule: An attach that fails has left no trace in the hardware

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (ret) goto out_unlock; domain->refs++;"

    Example: the device table needs pages that are not there
      Given SMMU 0 has a two-level stream table
      And the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then attaching endpoint 1 to domain 5 leaves no trace, whichever allocation fails

    Example: the SMMU does not answer
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And SMMU 0 stops answering
      When the host attaches endpoint 1 to domain 5, refused
      Then d1 reading 0x1000 faults
      And SMMU 0 answers again
      And attaching endpoint 1 to domain 5 is accepted
      And d1 reading 0x1000 reaches PA 0x8000_0000

    Example: the SMMU answers too late, wherever the driver waits
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      Then attaching endpoint 1 to domain 5 leaves no trace, whichever wait times out

  @rule:PKVM-ATT-12 @kind:patch
  Rule: Endpoint and domain belong to the same IOMMU

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "handle_to_domain(iommu_id, domain_id, &iommu)"

    Example: the domain of another IOMMU
      Given there are 2 SMMUs
      And the host allocates domain 5
      When the host attaches endpoint 1 to domain 5 on SMMU 1, refused with EINVAL
      Then freeing domain 5 is accepted
