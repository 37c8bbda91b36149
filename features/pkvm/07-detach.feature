@area:detach @needs:hyp
Feature: Detaching an endpoint

  @rule:PKVM-DET-01 @kind:patch
  Rule: The reference of the allocation is not detached, and the back end is not asked

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (!domain || domain->refs <= 1)"

    Example: a domain without endpoints
      Given the back end is scripted
      And the host allocates domain 5
      When the host detaches endpoint 1 from domain 5, refused with EINVAL
      Then the back end has seen "allocIopt 0:5"
      And freeing domain 5 is accepted

  @rule:PKVM-DET-02 @kind:patch
  Rule: The back end's refusal is the answer, and the reference stays

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "if (ret) goto out_unlock;"

    Scenario Outline: <errno>
      Given the back end answers detachDev with <errno>
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      When the host detaches endpoint 1 from domain 5, refused with <errno>
      Then freeing domain 5 is refused with EINVAL
      And detaching endpoint 1 from domain 5 is accepted
      And freeing domain 5 is accepted

      Examples:
        | errno  |
        | EIO    |
        | EBUSY  |
        | ENOMEM |
        | EINVAL |

    Example: the SMMU does not answer
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And SMMU 0 stops answering
      When the host detaches endpoint 1 from domain 5, refused
      Then freeing domain 5 is refused with EINVAL
      And SMMU 0 answers again
      And detaching endpoint 1 from domain 5 is accepted
      And d1 reading 0x1000 faults
      And freeing domain 5 is accepted

    Example: the SMMU answers too late, wherever the driver waits
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      Then detaching endpoint 1 from domain 5 leaves no trace, whichever wait times out

  @rule:PKVM-DET-03 @kind:patch
  Rule: A detach takes exactly one reference

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "domain->refs--;"

    Example: two endpoints, one detached
      Given the back end is scripted
      And the host allocates domain 5
      And the host attaches endpoints 1 to 2 to domain 5
      When the host detaches endpoint 1 from domain 5
      Then freeing domain 5 is refused with EINVAL
      And detaching endpoint 2 from domain 5 is accepted
      And freeing domain 5 is accepted

  @rule:PKVM-DET-04 @kind:patch
  Rule: A detached endpoint is blocked: it neither passes nor keeps its old table

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int kvm_iommu_detach_dev(pkvm_handle_t iommu_id, pkvm_handle_t domain_id,"

    Example: what it could write before
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And d1 writes 0x1000
      When the host detaches endpoint 1 from domain 5
      Then d1 writing 0x1000 faults
      And d1 writing 0x8000_0000 faults

    Example: an SMMU that does not see what is in the processors' caches
      Given the SMMUs do not snoop
      And the host allocates domain 5
      And the host attaches endpoint 1 to domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And d1 writes 0x1000
      When the host detaches endpoint 1 from domain 5
      Then d1 writing 0x1000 faults

    Example: the other endpoint of the domain goes on
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And the host attaches endpoint 2 to domain 5
      When the host detaches endpoint 1 from domain 5
      Then d1 reading 0x1000 faults
      And d2 reading 0x1000 reaches PA 0x8000_0000

    Example: commands go round a small queue
      Given SMMU 0 has a command queue of 4 entries
      And the host allocates domain 5
      And the host maps 32 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And d1 writes 0x8000
      When the host unmaps 16 KiB at 0x5000 in domain 5
      And the host detaches endpoint 1 from domain 5
      Then d1 writing 0x1000 faults
      And d1 writing 0x8000 faults

  @rule:PKVM-DET-05 @kind:hardened
  Rule: Detaching an endpoint that is not attached takes no other endpoint's reference

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int kvm_iommu_detach_dev(pkvm_handle_t iommu_id, pkvm_handle_t domain_id,"

    Example: another endpoint is attached
      Given the host allocates domain 5
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      When the host detaches endpoint 2 from domain 5, refused
      Then freeing domain 5 is refused with EINVAL
      And d1 reading 0x1000 reaches PA 0x8000_0000

  @rule:PKVM-DET-06 @kind:hardened
  Rule: An endpoint is not detached from a domain that it is not in

    Source: "[RFC PATCH 19/45] KVM: arm64: iommu: Add domains", 1 Feb 2023 "int kvm_iommu_detach_dev(pkvm_handle_t iommu_id, pkvm_handle_t domain_id,"

    Example: each domain has an endpoint of its own
      Given the host allocates domain 5
      And the host allocates domain 6
      And the host maps 4 KiB at 0x1000 in domain 5 to PA 0x8000_0000, read-write
      And the host attaches endpoint 1 to domain 5
      And the host attaches endpoint 2 to domain 6
      When the host detaches endpoint 1 from domain 6, refused
      Then freeing domain 6 is refused with EINVAL
      And freeing domain 5 is refused with EINVAL
      And d1 reading 0x1000 reaches PA 0x8000_0000
